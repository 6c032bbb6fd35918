"""Numbers that stand for a person: payment cards, bank accounts, network addresses.

Belongs here: patterns whose matches are checked by arithmetic, so that ordinary numbers stay. Does not belong
here: what its shape alone gives away (`text.py`).
"""

from __future__ import annotations

import ipaddress
import re

_DIGITS = re.compile(r"(?<![\w.])(?<!\d[ -])\d(?:[ -]?\d){12,}+")
_CARD = re.compile(
    r"(?<![\d-])[2-6](?:\d{12,18}|\d{3}([ -])(?:\d{4}\1\d{4}\1\d{4}(?:\1\d{3})?|\d{6}\1\d{4,5}))(?![\w-])"
)
_ACCOUNT = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}+(?!\w)")
_IPV4 = re.compile(r"(?<![\w.])(\d{1,3}+\.\d{1,3}+\.\d{1,3}+)\.\d{1,3}+(?!\.?\w)")
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{0,4}+:[0-9A-Fa-f:]++(?!\w|\.\d)")


def mask_cards(text: str) -> str:
    """Replaces payment card numbers: 13 to 19 digits, bare or in the groups printed on cards, first digit 2 to 6 and
    the check digit right."""
    return _DIGITS.sub(lambda run: _CARD.sub(_mask_card, run[0]), text)


def mask_accounts(text: str) -> str:
    """Replaces International Bank Account Numbers with a right checksum."""
    return _ACCOUNT.sub(_mask_account, text)


def truncate_ipv4(text: str) -> str:
    """Keeps the first 24 bits of every IPv4 address; loopback and 0.0.0.0 stay."""
    return _IPV4.sub(_truncate_ipv4, text)


def truncate_ipv6(text: str) -> str:
    """Keeps the first 48 bits of every IPv6 address; loopback and :: stay."""
    return _IPV6.sub(_truncate_ipv6, text)


def luhn_valid(digits: str) -> bool:
    """The check of ISO/IEC 7812-1, annex B: every second digit from the right doubled, digit sum divisible by 10."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        number = int(digit) * (1 + index % 2)
        total += number - 9 * (number > 9)
    return total % 10 == 0


def iban_valid(account: str) -> bool:
    """The check of ISO 13616: first four characters moved to the end, letters as 10 to 35, remainder 1 modulo 97."""
    rearranged = account[4:] + account[:4]
    return int("".join(str(int(character, 36)) for character in rearranged)) % 97 == 1


def _mask_card(match: re.Match[str]) -> str:
    digits = match[0].replace(" ", "").replace("-", "")
    return "[card]" if luhn_valid(digits) else match[0]


def _mask_account(match: re.Match[str]) -> str:
    return "[account]" if iban_valid(match[0].replace(" ", "")) else match[0]


def _truncate_ipv4(match: re.Match[str]) -> str:
    network = match[1]
    if any(int(part) > 255 for part in network.split(".")) or network in ("127.0.0", "0.0.0"):
        return match[0]
    return f"{network}.0"


def _truncate_ipv6(match: re.Match[str]) -> str:
    text = match[0]
    if text.count(":") < 2 or len(text) > 40 or not any(map(str.isdigit, text)):  # a::b is a name
        return text
    # the colon after an address belongs to the sentence
    end = len(text) - (text.endswith(":") and not text.endswith("::"))
    try:
        address = ipaddress.IPv6Address(text[:end])
    except ValueError:
        return text
    if address.is_loopback or address.is_unspecified:
        return text
    network = ipaddress.IPv6Network((int(address) >> 80 << 80, 48))
    return f"{network.network_address}{text[end:]}"
