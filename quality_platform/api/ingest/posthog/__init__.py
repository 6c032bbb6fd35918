"""PostHog: its clients of all ages, for servers and browsers, and Mixpanel's, from which it has its oldest form."""
