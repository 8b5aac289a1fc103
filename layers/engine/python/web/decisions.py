"""The operations by which people decide about what was accepted before."""

from __future__ import annotations

from identity.model import Role
from web import problems
from web.operation import Operation
from web.schemas import previews, publications
from web.schemas.base import Nothing

VALIDATE_PUBLICATION = Operation(
    "validatePublication",
    "POST",
    "/v1/publications/validate",
    Role.AUTHOR,
    "Tell what would be published, what would be sent, and what speaks against it; nothing is stored",
    previews.PublicationToValidate,
    previews.Preview,
    problems=(problems.NOT_FOUND,),
    reads=True,
    idempotent=True,
)
CHANGE_PUBLICATION = Operation(
    "changePublication",
    "PATCH",
    "/v1/publications/{publication}",
    Role.AUTHOR,
    "Edit or reschedule a publication, while nothing of it has left",
    publications.PublicationChanges,
    publications.Publication,
    problems=(problems.UNFIT, problems.WRONG_STATE, problems.CONFLICT),
    tagged=True,
)
RESOLVE_DELIVERY = Operation(
    "resolveDelivery",
    "POST",
    "/v1/deliveries/{delivery}/resolve",
    Role.AUTHOR,
    "Say what became of an uncertain or handed-off delivery: published, or not, and so to be sent again",
    publications.Resolution,
    publications.DeliveryWithHistory,
    problems=(problems.WRONG_STATE,),
    tagged=True,
)
RETRY_DELIVERY = Operation(
    "retryDelivery",
    "POST",
    "/v1/deliveries/{delivery}/retry",
    Role.AUTHOR,
    "Try again a delivery that failed or came too late; for who submitted the publication, or an admin",
    Nothing,
    publications.DeliveryWithHistory,
    problems=(problems.WRONG_STATE,),
    tagged=True,
    again=True,
)
CANCEL_DELIVERY = Operation(
    "cancelDelivery",
    "POST",
    "/v1/deliveries/{delivery}/cancel",
    Role.AUTHOR,
    "Cancel one delivery that has not left yet",
    Nothing,
    publications.DeliveryWithHistory,
    problems=(problems.WRONG_STATE,),
    tagged=True,
    again=True,
)
RETRY_PUBLICATION = Operation(
    "retryPublication",
    "POST",
    "/v1/publications/{publication}/retry",
    Role.AUTHOR,
    "Try again what failed of a publication or came too late, and only that; for who submitted it, or an admin",
    Nothing,
    publications.Publication,
    problems=(problems.WRONG_STATE,),
    tagged=True,
    again=True,
)
