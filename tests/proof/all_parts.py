"""Every area that takes part in the proofs. A new one is added here, with its operations and invariants."""

from tests.proof.ledger import LEDGER
from tests.proof.members_part import MEMBERS
from tests.proof.story_part import STORY

PARTS = (LEDGER, MEMBERS, STORY)
