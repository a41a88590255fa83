"""The documents say what the code does: every setting, every dependency, every target is explained."""

from __future__ import annotations

import dataclasses
import re
import textwrap
import tomllib
from collections.abc import Iterator
from typing import Any, Final, get_args

import pytest

from simulator.api.conformance import ConformanceApi
from simulator.api.events import EventsApi
from simulator.api.pages import PagesApi
from simulator.api.pdus import PdusApi
from simulator.api.queries import taken
from simulator.api.scenario import ScenarioApi
from simulator.api.text_body import KEYS as MO_KEYS
from simulator.api.texts import TextsApi
from simulator.billing.faults import COMMANDS, Fault as BillingFault, FaultKind
from simulator.billing.provider import SERVERS
from simulator.conformance.rules import RULES, Rule
from simulator.faults import rule_reading, scenario_reading
from simulator.faults.chance import DelayKind
from simulator.faults.fault import SUBJECTS, Fault, Form, IdForm
from simulator.faults.scenario import Scenario
from simulator.faults.scenario_reading import read_scenario, ready
from simulator.faults.utterances import Utterance
from simulator.faults.when import GROUPS, PDUS
from smsgw import __version__
from smsgw.providers.registry import PROTOCOLS
from smsgw.settings.catalogue import ProviderSection
from smsgw.settings.sections import LinkSection, Settings
from smsgw.smpp.constants import RESPONSE_BIT, Command, Status
from smsgw.smpp.policy import REACTIONS
from smsgw.smpp.tlv import Tag
from tests.repo.tree import ROOT

# A reader decides within two screens whether this is for them.
README_LINES_MAX: Final = 110

PROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_version_is_the_same_everywhere() -> None:
    assert PROJECT["project"]["version"] == __version__
    assert f"## [{__version__}]" in document("CHANGELOG.md")


def document(name: str) -> str:
    """The text of a document; skips the test while nobody has written it."""
    path = ROOT / name
    if not path.exists():
        pytest.skip(f"{name} is not written yet")
    return path.read_text(encoding="utf-8")


def requirements() -> list[str]:
    """The names of everything that pyproject.toml asks for."""
    lines = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
    return [re.split(r"[\[<>=;~! ]", line)[0] for line in lines]


def test_the_readme_is_short() -> None:
    assert document("README.md").count("\n") <= README_LINES_MAX


@pytest.mark.parametrize("name", requirements())
def test_every_dependency_has_its_reason(name: str) -> None:
    assert f"`{name}`" in document("docs/why.md"), f"docs/why.md has no reason for {name}"


@pytest.mark.parametrize("name", requirements())
def test_every_dependency_is_locked(name: str) -> None:
    assert re.search(rf"^{re.escape(name)}==", document("requirements.lock"), re.MULTILINE), f"run `make lock`: {name}"


def test_every_locked_file_has_its_hash() -> None:
    """Pip refuses a file that is not the one that was locked; without a hash it could not."""
    blocks = re.split(r"^(?=[a-z0-9])", document("requirements.lock"), flags=re.MULTILINE)[1:]
    assert [block.split("==")[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_every_target_is_explained() -> None:
    makefile = document("Makefile")
    targets = set(re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[0].split())
    assert targets == set(re.findall(r"^([a-z]+):.*## \S", makefile, re.MULTILINE))


def test_the_documents_name_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", document("Makefile"), re.MULTILINE))
    pages = [path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))]
    named = {name for page in pages for name in re.findall(r"(?:^|`)make ([a-z]+)", page, re.MULTILINE)}
    assert named <= targets, named - targets


def test_the_changelog_speaks_of_this_version() -> None:
    versions = re.findall(r"^## \[([^\]]+)\]", document("CHANGELOG.md"), re.MULTILINE)
    assert [v for v in versions if v != "Unreleased"][:1] == [PROJECT["project"]["version"]]


def fields(model: object) -> Iterator[str]:
    """The names of all fields of a settings class, and of the classes inside it."""
    for name, field in getattr(model, "model_fields", {}).items():
        yield name
        yield from fields(field.annotation)
    for part in get_args(model):
        yield from fields(part)


@pytest.mark.parametrize("model", [Settings, ProviderSection])
def test_every_setting_is_explained(model: object) -> None:
    missing = set(fields(model)) - set(re.findall(r"`\[*([a-z][a-z0-9_.]*)\]*`", document("docs/settings.md")))
    assert not missing, f"docs/settings.md does not name: {', '.join(sorted(missing))}"


def test_the_link_in_the_readme_is_one_that_the_gateway_takes() -> None:
    example = textwrap.dedent(re.findall(r"```toml\n(.*?)```", document("README.md"), re.DOTALL)[0])
    for link in tomllib.loads(example)["links"].values():
        LinkSection.model_validate(link)


def test_the_statement_of_conformance_leaves_nothing_out() -> None:
    """Every PDU, every parameter, and the reaction to every status that has one."""
    named = set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b|\b[a-z]+\b|\bESME_[A-Z_]+\b", document("docs/smpp.md")))
    requests = {command.wire_name for command in Command if command < RESPONSE_BIT} | {"generic_nack"}
    known = requests | {tag.name.lower() for tag in Tag} | {Status(status).name for status in REACTIONS}
    assert known <= named, f"docs/smpp.md does not name: {', '.join(sorted(known - named))}"


def test_every_fault_of_the_simulator_is_explained() -> None:
    words = (
        {field.name for field in dataclasses.fields(Fault)} | set(SUBJECTS) | set(Utterance) | set(Form) | set(IdForm)
    )
    missing = words - set(re.findall(r"`([a-z0-9_]+)`", document("docs/faults.md")))
    assert not missing, f"docs/faults.md does not name: {', '.join(sorted(missing))}"


def test_every_word_of_a_scenario_is_explained() -> None:
    words = {*rule_reading.KEYS, *scenario_reading.KEYS, *scenario_reading.PHASE_KEYS, *PDUS, *GROUPS, *ready()}
    missing = words - set(re.findall(r"`([a-z0-9_]+)`", document("docs/faults.md")))
    assert not missing, f"docs/faults.md does not name: {', '.join(sorted(missing))}"
    shapes = {*DelayKind, "full_at_per_s", "from", "to", "over_s"}
    assert shapes <= set(re.findall(r"([a-z_]+) = ", document("docs/faults.md")))


@pytest.mark.parametrize("scenario", ready().values(), ids=ready())
def test_every_ready_scenario_is_described_as_it_describes_itself(scenario: Scenario) -> None:
    assert f"| `{scenario.name}` | {scenario.description} |" in document("docs/faults.md")


def test_the_scenarios_in_the_document_can_be_played() -> None:
    examples = re.findall(r"```toml\n(.*?)```", document("docs/faults.md"), re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        assert read_scenario(example, "example").title


def test_every_fault_of_the_simulated_billings_is_explained() -> None:
    words = {field.name for field in dataclasses.fields(BillingFault)} - {"kind"} | set(FaultKind) | set(COMMANDS)
    missing = words - set(re.findall(r"`([a-z0-9_]+)`", document("docs/faults.md")))
    assert not missing, f"docs/faults.md does not name: {', '.join(sorted(missing))}"


def test_every_key_of_a_text_is_explained() -> None:
    table = re.findall(r"^\| (`.*?`) \|", document("docs/simulator/operators.md"), re.MULTILINE)
    missing = set(MO_KEYS) - {key for row in table for key in re.findall(r"`(\w+)`", row)}
    assert not missing, f"docs/simulator/operators.md does not name: {', '.join(sorted(missing))}"


@pytest.mark.parametrize("api", [TextsApi, PdusApi, ConformanceApi, ScenarioApi, EventsApi, PagesApi])
def test_every_key_of_a_query_is_explained(api: type) -> None:
    pages = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("simulator*/**/*.md"))
    pages += document("docs/simulator.md")
    keys = {key for handler in vars(api).values() for key in taken(handler)}
    missing = {key for key in keys if not re.search(rf"[`?&]{key}[`=]", pages)}
    assert keys
    assert not missing, f"docs/simulator does not name: {', '.join(sorted(missing))}"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_protocol_has_its_page_and_its_simulated_billing(protocol: str) -> None:
    """Whoever adds a provider finds its page, and can try the protocol before the contract is signed."""
    assert f"(protocols/{protocol}.md)" in document("docs/settings.md")
    assert document(f"docs/protocols/{protocol}.md").startswith("# ")
    assert protocol in SERVERS


def test_no_page_has_a_gap_that_was_to_be_filled() -> None:
    pages = [ROOT / "README.md", ROOT / "SECURITY.md", *(ROOT / "docs").glob("*.md")]
    gaps = {page.name: re.findall(r"\| \{[a-z_]+\}", page.read_text(encoding="utf-8")) for page in pages}
    assert not any(gaps.values()), gaps


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_rule_that_gateways_are_judged_by_is_listed(rule: Rule) -> None:
    row = f"| `{rule.name}` | {rule.level} | {rule.clause} | {rule.mend} |"
    assert row in document("docs/simulator/conformance.md")
