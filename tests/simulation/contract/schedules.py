"""What becomes of schedules."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.simulation.contract.services import Received, Services

LATER = datetime(2036, 1, 1)  # noqa: DTZ001 - a schedule's time stands beside its zone


class Schedules:
    """Cases for every implementation."""

    def test_two_schedules_of_one_name_conflict(self, services: Services) -> None:
        services.schedule(LATER)
        with pytest.raises(services.scheduler.exceptions.ConflictException):
            services.schedule(LATER)

    def test_a_schedule_of_another_version_has_another_name(self, services: Services) -> None:
        services.schedule(LATER)
        services.schedule(LATER, version=2)

    def test_a_schedule_tells_its_queue_in_time_and_makes_room_for_another(self, services: Services) -> None:
        services.schedule(services.clock() + timedelta(seconds=1))
        assert services.receive(within_s=60) == [Received("fired", 1)]
        services.wait(0.5)
        services.schedule(LATER)

    def test_a_schedule_does_not_tell_its_queue_before(self, services: Services) -> None:
        services.schedule(services.clock() + timedelta(minutes=10))
        assert services.receive() == []
