import pytest

from dianabot.operations.acts import OPERATIONS
from tests.proof.matrix import Matrix
from tests.proof.samples import SAMPLES, Sample

FOLLOWED = [sample for sample in SAMPLES if str(sample) in {"PROBAR_DAR", "PROBAR_MOVER refused", "REGISTRAR"}]


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
