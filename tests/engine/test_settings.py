"""Settings: everything wrong is named at once, and the environment stands above the file."""

import base64
from pathlib import Path

import pytest

from engine.settings import FOR_SERVING, VARIABLES, Settings, SettingsProblem, require, settings_from

KEY = base64.b64encode(bytes(32)).decode()


def test_without_any_setting_there_are_defaults() -> None:
    settings = settings_from({})

    assert settings == Settings()
    assert (settings.port, settings.workers, settings.home) == (8080, 10, Path(".wizqbo"))
    assert settings.callback_url == "http://localhost:8080/oauth/quickbooks/callback"


def test_every_field_can_be_set_by_its_variable() -> None:
    addresses = {field for field in VARIABLES if field.endswith("_url")}
    told = {VARIABLES[field][0]: f"https://{field}.example/" if field in addresses else "7" for field in VARIABLES}
    told |= {"WIZQBO_SECRET_KEY": KEY, "WIZQBO_WIZCOMMERCE_WEBHOOK_MODE": "both"}

    settings = settings_from(told)

    assert {field for field in VARIABLES if getattr(settings, field) == getattr(Settings(), field)} == set()
    assert set(VARIABLES) == set(Settings.__struct_fields__)
    assert settings.quickbooks_api_url == "https://quickbooks_api_url.example"
    assert settings.callback_url == "https://public_url.example/oauth/quickbooks/callback"


def test_everything_wrong_is_named_at_once_each_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("WIZQBO_WORKERS=51\nthis is no setting\nWIZQBO_PUBLIC_URL=example.com\n")
    wrong = {
        "WIZQBO_PORT": "eighty",
        "WIZQBO_SECRET_KEY": "too short",
        "WIZQBO_QUICKBOOKS_API_URL": "ftp://example.com",
        "WIZQBO_WIZCOMMERCE_API_URL": "https://[::1",
        "WIZQBO_WIZCOMMERCE_WEBHOOK_MODE": "sometimes",
    }

    with pytest.raises(SettingsProblem) as told:
        settings_from(wrong, file)

    assert str(told.value).splitlines() == [
        f"{file}, line 2: write NAME=value.",
        "WIZQBO_SECRET_KEY must be the base64 of 32 bytes; make one with `openssl rand -base64 32`.",
        "WIZQBO_PORT must be a whole number from 0 to 65535, not 'eighty'.",
        "WIZQBO_PUBLIC_URL must be an address such as https://example.com, not 'example.com'.",
        "WIZQBO_QUICKBOOKS_API_URL must be an address such as https://example.com, not 'ftp://example.com'.",
        "WIZQBO_WIZCOMMERCE_API_URL must be an address such as https://example.com, not 'https://[::1'.",
        "WIZQBO_WIZCOMMERCE_WEBHOOK_MODE must be static_header, hmac or both, not 'sometimes'.",
        "WIZQBO_WORKERS must be a whole number from 1 to 50, not '51'.",
    ]


@pytest.mark.parametrize("port", ["-1", "65536", "8080.5", "²", "0x50"])
def test_a_port_is_a_number_of_a_port(port: str) -> None:
    with pytest.raises(SettingsProblem, match="WIZQBO_PORT must be a whole number from 0 to 65535"):
        settings_from({"WIZQBO_PORT": port})


@pytest.mark.parametrize("address", ["http://", "https://:80", "http://a:b", "http://a:70000", "localhost:8080"])
def test_an_address_has_a_scheme_and_a_host(address: str) -> None:
    with pytest.raises(SettingsProblem, match="WIZQBO_PUBLIC_URL must be an address"):
        settings_from({"WIZQBO_PUBLIC_URL": address})


@pytest.mark.parametrize("key", ["", base64.b64encode(bytes(31)).decode(), KEY + "!", "=" * 44])
def test_a_master_key_is_32_bytes_and_is_never_repeated_in_the_problem(key: str) -> None:
    if not key:
        assert settings_from({"WIZQBO_SECRET_KEY": key}).secret_key == ""
        return
    with pytest.raises(SettingsProblem) as told:
        settings_from({"WIZQBO_SECRET_KEY": key})
    assert key not in str(told.value)


def test_what_a_command_needs_and_nobody_set_is_named_all_at_once() -> None:
    with pytest.raises(SettingsProblem) as told:
        require(Settings(quickbooks_client_id="set"), FOR_SERVING)

    assert str(told.value).splitlines() == [
        "WIZQBO_QUICKBOOKS_CLIENT_SECRET is not set: the app's client secret at Intuit.",
        "WIZQBO_WIZCOMMERCE_API_URL is not set: WizCommerce's API host.",
        "WIZQBO_QUICKBOOKS_VERIFIER_TOKEN is not set: what QuickBooks signs its webhooks with.",
        "WIZQBO_WIZCOMMERCE_WEBHOOK_SECRET is not set: one secret, or two with a comma between.",
    ]


def test_the_environment_stands_above_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        "# a comment\n\nexport WIZQBO_PORT=9000\nWIZQBO_ACTOR = 'the file'\nWIZQBO_HOST=\"0.0.0.0\"\n"
        "WIZQBO_WIZCOMMERCE_PASSWORD=a=b=c\nSOMETHING_ELSE=1\n"
    )

    settings = settings_from({"WIZQBO_ACTOR": "the environment"}, file)

    assert (settings.port, settings.actor, settings.host) == (9000, "the environment", "0.0.0.0")
    assert settings.wizcommerce_password == "a=b=c"


def test_a_file_that_is_not_there_says_nothing(tmp_path: Path) -> None:
    assert settings_from({}, tmp_path / "none") == Settings()


def test_settings_never_show_their_secrets() -> None:
    shown = repr(Settings(secret_key=KEY, quickbooks_client_secret="hush", wizcommerce_password="hush"))

    assert KEY not in shown and "hush" not in shown
