"""Names as QuickBooks takes them, phone numbers as WizCommerce does, and the digits that both are compared by."""

import pytest

from engine.domain.fields import digits, e164, plain_name


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("Bloom & Co", "Bloom & Co"),
        ("Bloom:East", "Bloom East"),
        ("Bloom : : East", "Bloom East"),
        ("a\tb\nc\rd\ve\ff", "a b c d e f"),
        ("a\x00b\x1bc\x7fd\x85e\x9ff", "a b c d e f"),
        ("  Bloom   East\u00a0", "Bloom East"),
        (":", ""),
        ("", ""),
        ("B" * 100, "B" * 100),
        ("B" * 101, "B" * 100),
        ("B" * 99 + " Co", "B" * 99),
        ("é" * 101, "é" * 100),
    ],
)
def test_a_name_is_written_as_quickbooks_takes_it(written: str, taken: str) -> None:
    assert plain_name(written) == taken
    assert plain_name(taken) == taken


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("+1 (415) 555-0100", "4155550100"),
        ("415.555.0100", "4155550100"),
        ("+44 20 7946 0000", "442079460000"),
        ("none", ""),
        ("1", "1"),
        ("14155550100", "4155550100"),
        ("24155550100", "24155550100"),
        ("1415555010", "1415555010"),
        ("141555501001", "141555501001"),
        ("+44 (0)20 7946 0000", "442079460000"),
        ("(0)20 7946 0000", "02079460000"),
        ("4155550100 (0)", "41555501000"),
        ("\u0664155550100", "155550100"),
        ("5550100²", "5550100"),
        ("", ""),
    ],
)
def test_a_phone_number_is_compared_by_its_digits(written: str, compared: str) -> None:
    assert digits(written) == compared


@pytest.mark.parametrize(
    ("written", "country", "sent"),
    [
        ("(415) 555-0100", "", "+14155550100"),
        ("415.555.0100", "US", "+14155550100"),
        ("415\u2013555\u20130100", "USA", "+14155550100"),
        ("1 415/555/0100", "United States", "+14155550100"),
        ("416 555 0100", "Canada", "+14165550100"),
        ("416 555 0100", "CAN", "+14165550100"),
        ("416 555 0100", "ca", "+14165550100"),
        (" +1 415 555 0100 ", "GB", "+14155550100"),
        ("+44 20 7946 0000", "", "+442079460000"),
        ("+44 20 7946 0000", "US", "+442079460000"),
        ("+44 (0)20 7946 0000", "GB", "+442079460000"),
        ("+12345678", "", ""),
        ("+23456789", "", "+23456789"),
        ("+234567890123456", "", "+234567890123456"),
    ],
)
def test_a_number_that_can_be_told_is_written_with_its_country_code(written: str, country: str, sent: str) -> None:
    assert e164(written, country) == sent


@pytest.mark.parametrize(
    ("written", "country"),
    [
        ("", ""),
        ("none", ""),
        ("555-0100", ""),
        ("415 555 010", ""),
        ("415 555 01000", ""),
        ("2 415 555 0100", ""),
        ("015 555 0100", ""),
        ("115 555 0100", ""),
        ("+1 015 555 0100", ""),
        ("+1 415 555 010", ""),
        ("+1 415 555 01001", ""),
        ("+1 4155 5501", ""),
        ("+0 20 7946 0000", ""),
        ("+2345678", ""),
        ("+2345678901234567", ""),
        ("415 555 0100", "GB"),
        ("020 7946 0000", "United Kingdom"),
        ("0044 20 7946 0000", ""),
        ("1-800-FLOWERS", ""),
        ("415 555 0100 x12", ""),
        ("+44 20 7946 0000 ext 2", ""),
        ("+44 20 7946 0000 #12", ""),
        ("+44 20 7946, 01", ""),
        ("415 555 0100 / 415 555 0101", ""),
        ("\u0664155550100", ""),
        ("+\u0664420794600000", ""),
    ],
)
def test_a_number_that_cannot_be_told_is_none(written: str, country: str) -> None:
    assert e164(written, country) == ""
