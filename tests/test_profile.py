"""The profile: what it accepts, and the one sentence that refuses each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.profile import Profile, ProfileError, check_items, load

ITEMS = {"testing-load", "security-headers"}


def written(folder: Path, text: str, name: str = "readiness.toml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_all_settings(tmp_path: Path) -> None:
    text = """
off = ["testing-load"]
must-have = ["security-headers"]
exclude = ["legacy/"]
[weights]
security-headers = 5
[[waiver]]
item = "security-headers"
reason = "r"
owner = "o"
expires = 2999-01-01
"""
    profile = load(written(tmp_path, text))
    assert profile.off == ("testing-load",)
    assert profile.must_have == ("security-headers",)
    assert profile.weights == {"security-headers": 5}
    assert profile.exclude == ("legacy/",)
    assert profile.waiver[0].owner == "o"
    assert profile.source == "readiness.toml"
    check_items(profile, ITEMS)


def test_pyproject_counts_only_by_its_own_table(tmp_path: Path) -> None:
    written(tmp_path, '[project]\nname = "x"\n', "pyproject.toml")
    assert load(tmp_path) == Profile()
    written(tmp_path, '[tool.readiness]\noff = ["testing-load"]\n', "pyproject.toml")
    assert load(tmp_path).off == ("testing-load",)
    written(tmp_path, "off = []\n")
    assert load(tmp_path).off == ()


def test_a_broken_pyproject_that_sets_nothing_here_is_let_be(tmp_path: Path) -> None:
    assert load(written(tmp_path, "name = {{ cookiecutter.name }}", "pyproject.toml")) == Profile()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("off = [", "readiness.toml is not valid TOML"),
        ("\nofff = []\n", "readiness.toml: unknown key 'offf' (line 2); did you mean 'off'?"),
        ("source = 'x'\n", "unknown key 'source' (line 1)"),
        ("off = 'testing-load'\n", "'off': expected a list, got text (line 1)"),
        ("[weights]\ntesting-load = 'much'\n", "expected a whole number, got text"),
        ("[weights]\ntesting-load = -1\n", "the weight of testing-load must be 0 to 100, not -1 (line 2)"),
        ("[[waiver]]\nitem = 'testing-load'\nreason = 'r'\nowner = 'o'\n", "waiver 1: 'expires' is missing (line 1)"),
        ("[[waiver]]\nitem='a'\nreason='r'\nowner='o'\nexpires=2030-01-01\nwho = 'x'\n", "waiver 1: unknown key 'who' (line 6)"),
        ("[[declared]]\nitem = 'a'\nreason = 'r'\n", "declared 1: 'where' is missing (line 1)"),
    ],
)  # fmt: skip
def test_mistakes_are_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ProfileError) as refused:
        load(written(tmp_path, text))
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "key", ["off = ['testing-laod']", "must-have = ['testing-laod']", "[weights]\ntesting-laod = 1"]
)
def test_an_unknown_item_is_refused_with_the_nearest(tmp_path: Path, key: str) -> None:
    with pytest.raises(ProfileError, match=r"there is no item 'testing-laod'; did you mean 'testing-load'\?"):
        check_items(load(written(tmp_path, key)), ITEMS)


def test_off_and_must_have_contradict(tmp_path: Path) -> None:
    profile = load(written(tmp_path, "off = ['testing-load']\nmust-have = ['testing-load']"))
    with pytest.raises(ProfileError, match="both in off and in must-have"):
        check_items(profile, ITEMS)


def test_a_profile_behind_a_link_that_leads_outside_is_not_read(tmp_path: Path) -> None:
    outside = written(tmp_path, "off = ['testing-load']\n") / "readiness.toml"
    target = tmp_path / "target"
    target.mkdir()
    (target / "readiness.toml").symlink_to(outside)
    assert load(target) == Profile()


def test_config_replaces_the_repositorys_own(tmp_path: Path) -> None:
    written(tmp_path, "off = ['testing-load']\n")
    other = tmp_path / "other.toml"
    other.write_text("off = []\n", encoding="utf-8")
    assert load(tmp_path, other).off == ()
    with pytest.raises(ProfileError, match="cannot be read"):
        load(tmp_path, tmp_path / "absent.toml")


@given(st.text(max_size=200))
def test_any_text_is_a_profile_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("profile")
    (folder / "readiness.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        load(folder)
    except ProfileError as refused:
        assert "\n" not in str(refused)
