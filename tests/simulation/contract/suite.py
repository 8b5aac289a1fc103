"""The whole contract: what the engine's code relies on, and what it must not do, asked of every implementation."""

from __future__ import annotations

from tests.simulation.contract.conditions import Conditions
from tests.simulation.contract.items import Items
from tests.simulation.contract.letters import DeadLetters
from tests.simulation.contract.lists import Lists
from tests.simulation.contract.messages import Messages
from tests.simulation.contract.schedules import Schedules
from tests.simulation.contract.transactions import Transactions


class Contract(Items, Conditions, Transactions, Lists, Messages, DeadLetters, Schedules):
    """Every case, once for each implementation."""
