"""Every operation there is. Generated: `make client`."""

from postroom_client.operations.api_keys import ApiKeysOperations
from postroom_client.operations.audit import AuditOperations
from postroom_client.operations.channels import ChannelsOperations
from postroom_client.operations.dead_letters import DeadLettersOperations
from postroom_client.operations.deliveries import DeliveriesOperations
from postroom_client.operations.docs import DocsOperations
from postroom_client.operations.feeds import FeedsOperations
from postroom_client.operations.files import FilesOperations
from postroom_client.operations.grants import GrantsOperations
from postroom_client.operations.health import HealthOperations
from postroom_client.operations.invitations import InvitationsOperations
from postroom_client.operations.media import MediaOperations
from postroom_client.operations.members import MembersOperations
from postroom_client.operations.openapi import OpenapiOperations
from postroom_client.operations.platforms import PlatformsOperations
from postroom_client.operations.publications import PublicationsOperations
from postroom_client.operations.series import SeriesOperations
from postroom_client.operations.webhooks import WebhooksOperations
from postroom_client.operations.workspace import WorkspaceOperations
from postroom_client.operations.workspaces import WorkspacesOperations


class Operations(
    ApiKeysOperations,
    AuditOperations,
    ChannelsOperations,
    DeadLettersOperations,
    DeliveriesOperations,
    DocsOperations,
    FeedsOperations,
    FilesOperations,
    GrantsOperations,
    HealthOperations,
    InvitationsOperations,
    MediaOperations,
    MembersOperations,
    OpenapiOperations,
    PlatformsOperations,
    PublicationsOperations,
    SeriesOperations,
    WebhooksOperations,
    WorkspaceOperations,
    WorkspacesOperations,
):
    """Every operation, by its id in the OpenAPI document."""
