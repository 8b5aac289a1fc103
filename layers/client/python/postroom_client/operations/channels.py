"""What can be done at /v1/channels. Generated: `make client`."""

from __future__ import annotations

from collections.abc import Iterator

from postroom_client.asking import Call
from postroom_client.calling import Caller, new_key, path
from postroom_client.schemas import Channel, ChannelChanges, ChannelTest, ChannelTested, ComingSlots, NewChannel


class ChannelsOperations(Caller):
    """What can be done at /v1/channels."""

    def connect_channel(self, body: NewChannel, *, idempotency_key: str | None = None) -> Channel:
        """Connect a channel; its credentials are verified in the background. Needs the role editor."""
        answer: Channel = self._document(
            Call("POST", "/v1/channels", answers=(201,), body=body, idempotency_key=idempotency_key or new_key())
        )
        return answer

    def list_channels(self, *, limit: int | None = None, cursor: str | None = None) -> Iterator[Channel]:
        """List channels, newest first. Needs the role viewer."""
        return self._items(Call("GET", "/v1/channels", answers=(200,), query={"limit": limit, "cursor": cursor}))

    def read_channel(self, channel: str) -> Channel:
        """Read a channel. Needs the role viewer."""
        answer: Channel = self._document(Call("GET", path("/v1/channels/{}", channel), answers=(200,)))
        return answer

    def change_channel(
        self, channel: str, body: ChannelChanges | None = None, *, if_match: str | None = None
    ) -> Channel:
        """Rename or pause a channel, or give it other slots or new credentials. Needs the role editor."""
        answer: Channel = self._document(
            Call("PATCH", path("/v1/channels/{}", channel), answers=(200,), body=body or {}, if_match=if_match)
        )
        return answer

    def delete_channel(self, channel: str, *, if_match: str | None = None) -> None:
        """Delete a channel with its credentials; half a minute later at most, what is for it fails. Needs the role
        editor.
        """
        self._nothing(Call("DELETE", path("/v1/channels/{}", channel), answers=(204,), if_match=if_match))

    def list_slots(self, channel: str, *, limit: int | None = None) -> ComingSlots:
        """List a channel's coming slots: when they are, and which publication has each. Needs the role viewer."""
        answer: ComingSlots = self._document(
            Call("GET", path("/v1/channels/{}/slots", channel), answers=(200,), query={"limit": limit})
        )
        return answer

    def test_channel(
        self, channel: str, body: ChannelTest | None = None, *, idempotency_key: str | None = None
    ) -> ChannelTested:
        """Verify a channel's credentials again and, if asked, publish a sample there. Needs the role editor."""
        answer: ChannelTested = self._document(
            Call(
                "POST",
                path("/v1/channels/{}/test", channel),
                answers=(202,),
                body=body or {},
                idempotency_key=idempotency_key or new_key(),
            )
        )
        return answer
