"""The state database: what the platform must remember beside the lake. SQLite, or PostgreSQL for a team.

Start at `database.State` for transactions and `migrate.upgrade` for its tables. One file of functions per
table or pair of tables; each takes the caller's session, so that a workflow decides what is one transaction.
"""
