"""Every operation there is. Generated: `make client`."""

from postroom_client.operations.api_keys import ApiKeysOperations
from postroom_client.operations.channels import ChannelsOperations
from postroom_client.operations.dead_letters import DeadLettersOperations
from postroom_client.operations.deliveries import DeliveriesOperations
from postroom_client.operations.docs import DocsOperations
from postroom_client.operations.feeds import FeedsOperations
from postroom_client.operations.files import FilesOperations
from postroom_client.operations.health import HealthOperations
from postroom_client.operations.media import MediaOperations
from postroom_client.operations.openapi import OpenapiOperations
from postroom_client.operations.platforms import PlatformsOperations
from postroom_client.operations.publications import PublicationsOperations
from postroom_client.operations.series import SeriesOperations
from postroom_client.operations.webhooks import WebhooksOperations


class Operations(
    ApiKeysOperations,
    ChannelsOperations,
    DeadLettersOperations,
    DeliveriesOperations,
    DocsOperations,
    FeedsOperations,
    FilesOperations,
    HealthOperations,
    MediaOperations,
    OpenapiOperations,
    PlatformsOperations,
    PublicationsOperations,
    SeriesOperations,
    WebhooksOperations,
):
    """Every operation, by its id in the OpenAPI document."""
