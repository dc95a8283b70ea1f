import pytest

from dianabot.operations.acts import OPERATIONS
from tests.proof.matrix import Matrix
from tests.proof.planted import PLANTED
from tests.proof.sample import Sample
from tests.proof.samples import SAMPLES

FOLLOWED = [
    sample
    for sample in SAMPLES
    if str(sample) in {"PROBAR_DAR", "PROBAR_MOVER refused", "REGISTRAR", "TOMAR_DECISION to an ending"}
]


@pytest.mark.slow
@pytest.mark.parametrize("sample", SAMPLES, ids=str)
async def test_cut_anywhere_and_asked_again_it_is_as_if_nothing_had_happened(postgres_dsn: str, sample: Sample) -> None:
    assert await Matrix(postgres_dsn).violations(sample) == []


@pytest.mark.slow
@pytest.mark.parametrize("sample", FOLLOWED, ids=str)
async def test_consequences_cut_anywhere_end_as_if_nothing_had_happened(postgres_dsn: str, sample: Sample) -> None:
    assert await Matrix(postgres_dsn).violations(sample, "consequences") == []


def test_every_registered_operation_is_in_the_matrix() -> None:
    assert {operation.name for operation in OPERATIONS} - {sample.name for sample in SAMPLES} == set()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["PROBAR_MOVER", "REGISTRAR", "BORRAR_DATOS"])
async def test_the_matrix_notices_an_event_that_is_written_after_the_commit(postgres_dsn: str, name: str) -> None:
    [sample] = [sample for sample in SAMPLES if str(sample) == name]
    found = await Matrix(postgres_dsn, pieces=PLANTED["event after the commit"]).violations(sample, enough=1)
    assert any("lost: event_logs" in violation for violation in found)


@pytest.mark.slow
async def test_the_matrix_notices_an_acknowledgement_outside_the_effects_transaction(postgres_dsn: str) -> None:
    [sample] = [sample for sample in SAMPLES if str(sample) == "PROBAR_MOVER"]
    found = await Matrix(postgres_dsn, pieces=PLANTED["acknowledgement outside"]).violations(
        sample, "consequences", enough=1
    )
    assert any("too much: proof_heard" in violation or "another number" in violation for violation in found)
