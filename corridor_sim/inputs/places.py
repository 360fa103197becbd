"""Scenarios and networks by name: in the study folder, then in the packaged data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from corridor_sim.errors import InputError
from corridor_sim.inputs.problems import Problem, Where, did_you_mean, show

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_SCENARIO_FOLDERS = ("scenarios", "scenarios/textbook")


@dataclass(frozen=True)
class Place:
    """A file or folder that was found, and the name by which people know it."""

    name: str
    path: Path
    study: Path
    """The folder that holds `scenarios/` and `networks/`."""

    @property
    def display(self) -> str:
        """The path within the study folder, with `/`."""
        return self.path.relative_to(self.study).as_posix()

    @property
    def home(self) -> str:
        """Which study folder that is, in words that are the same on every machine."""
        study = self.study.resolve()
        if study == Path.cwd().resolve():
            return "this folder"
        return "packaged" if study == packaged_study().resolve() else f"folder {study.name}"


def packaged_study() -> Path:
    """The folder of the packaged scenarios and networks (in a checkout: the repository)."""
    package = Path(__file__).parents[1]
    return package / "data" if (package / "data").is_dir() else package.parent


def studies(first: Path | None = None) -> list[Path]:
    """Folders to look in, in order."""
    folders = [first or Path.cwd(), packaged_study()]
    return list(dict.fromkeys(folder.resolve() for folder in folders))


def find_scenario(name_or_path: str) -> Place:
    """What the command line names: a scenario, or a path to a YAML file."""
    if name_or_path.endswith((".yaml", ".yml")) or "/" in name_or_path or "\\" in name_or_path:
        return _from_path(name_or_path)
    return find_named_scenario(name_or_path, studies(), Where(name_or_path or "scenario"), "")


def find_named_scenario(name: str, folders: list[Path], where: Where, key: str) -> Place:
    """A scenario by name; `where` and `key` say who asks."""
    check_name(name, where, key, "scenario")
    for study in folders:
        for folder in _SCENARIO_FOLDERS:
            path = study / folder / f"{name}.yaml"
            if path.exists():
                return _inside(Place(name, path, study), where, key)
    fix = did_you_mean(name, _names(folders), "one")
    raise InputError(str(Problem(where, key, f"no scenario is called {show(name)}", fix)))


def find_network(name: str, folders: list[Path], where: Where, key: str = "network") -> Place:
    """A folder of CSV tables, or a workbook, by name."""
    check_name(name, where, key, "network")
    for study in folders:
        folder = study / "networks" / name
        book = study / "networks" / f"{name}.xlsx"
        if folder.is_dir() and book.is_file():
            what = f"networks/{name}/ and networks/{name}.xlsx are both there"
            fix = f"move one of the two away, or rename it, such as {name}_2.xlsx"
            raise InputError(str(Problem(where, key, what, fix)))
        if folder.is_dir() or book.is_file():
            path = folder if folder.is_dir() else book
            return _inside(Place(name, path, study), where, key)
    what = f"no network is called {show(name)} (no networks/<name>/ or networks/<name>.xlsx)"
    raise InputError(str(Problem(where, key, what, did_you_mean(name, _networks(folders), "one"))))


def _networks(folders: list[Path]) -> set[str]:
    homes = [study / "networks" for study in folders]
    made = {path.name for home in homes for path in home.glob("*/") if path.is_dir()}
    return made | {path.stem for home in homes for path in home.glob("*.xlsx")}


def check_name(name: str, where: Where, key: str, what: str) -> None:
    """Names only: no paths, no `..`, no addresses."""
    if not _NAME.fullmatch(name):
        reason = f"a {what} is named by letters, digits, `_` and `-`, not by a path or address"
        fix = re.sub(r"^.*[/\\]|\.(ya?ml|xlsx)$", "", name)
        fix = fix if _NAME.fullmatch(fix) else "the name of a file in scenarios/, without .yaml"
        raise InputError(str(Problem(where, key, f"{reason} (found {show(name)})", fix)))


def list_scenarios() -> list[str]:
    """Names of all scenarios, in the study folder and packaged, sorted."""
    return _names(studies())


def list_textbook() -> list[str]:
    """Names of the packaged textbook cases, sorted."""
    return sorted(p.stem for p in (packaged_study() / "scenarios" / "textbook").glob("*.yaml"))


def _names(folders: list[Path]) -> list[str]:
    return sorted(
        path.stem
        for path in {
            path.stem: path
            for study in folders
            for folder in _SCENARIO_FOLDERS
            for path in (study / folder).glob("*.yaml")
        }.values()
    )


def _from_path(text: str) -> Place:
    path = Path(text)
    shown = Where(path.name or "scenario")
    if "://" in text:
        what = f"addresses are not read (found {show(text)})"
        raise InputError(str(Problem(shown, "", what, "a file on this computer")))
    if not path.is_file():
        what = f"there is no file {show(text)}"
        fix = did_you_mean(path.stem, list_scenarios(), "a name")
        raise InputError(str(Problem(shown, "", what, fix)))
    path = path.absolute()
    holders = [folder.parent for folder in path.parents if folder.name == "scenarios"]
    study = holders[0] if holders else path.parent
    return Place(path.stem, path, study)


def _inside(place: Place, where: Where, key: str) -> Place:
    """A link must not lead out of the study folder."""
    if not place.path.resolve().is_relative_to(place.study.resolve()):
        what = f"{place.display} is a link that leads out of the study folder"
        raise InputError(str(Problem(where, key, what, "copy the file into the folder")))
    return place
