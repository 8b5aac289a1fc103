"""The operator's command that seals every kept secret anew: `make reencrypt STAGE=dev`.

It walks the table of channels, wraps each data key once more under the key that seals now, without anything being
opened, and stores it with one conditional write: what a person or a renewal changes meanwhile stays as they left it and
is looked at again. It may be broken off and run again at any time; AFTER= goes on where one was broken off.

With FRESH=1 each secret gets a new data key, for when the old ones may be known: these are opened on this machine. A
renewal that is under way finds its channel sealed anew and seals what it was given under the new data key, too.

It needs credentials of the AWS account: cloudformation:DescribeStacks, dynamodb:Scan, GetItem and UpdateItem on the
table, kms:ReEncryptFrom and ReEncryptTo on the keys; with FRESH=1 kms:Decrypt and GenerateDataKey instead.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3

from channels import aws as channels_aws
from channels.model import Sealed
from channels.vault import Vault
from notifying import keyring
from publishing import aws

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient

Item = Mapping[str, Any]
PAGE, TRIES = 100, 5
DATA_KEY, BOX = "data_key", "box"  # how the attributes end; what stands before is one secret's name in its item

Context = Callable[[str, str, Item], Mapping[str, str]]


def channels(workspace: str, identifier: str, item: Item) -> Mapping[str, str]:
    """In which context the secrets of a channel are sealed."""
    return {"workspace": workspace, "channel": identifier, "platform": item["platform"]}


def webhooks(workspace: str, identifier: str, _: Item) -> Mapping[str, str]:
    """In which context the secrets of a webhook are sealed."""
    return keyring.context(workspace, identifier)


CONTEXTS: Mapping[str, Context] = {
    "CHANNEL#": channels,
    "WEBHOOK#": webhooks,
}  # by what the sort keys of items with secrets begin with


def main(arguments: list[str]) -> int:
    """Seal all anew, telling after each page how far it is; answers 1 where anything is left as it was."""
    parser = argparse.ArgumentParser(prog="make reencrypt", description=__doc__)
    parser.add_argument("--stage", required=True, choices=["dev", "prod"])
    parser.add_argument("--after", default="", help="go on after this item")
    parser.add_argument("--fresh", action="store_true", help="give each secret a new data key")
    asked = parser.parse_args(arguments)
    told = outputs(asked.stage)
    walk = Walk(told["ChannelsTable"], told["CredentialsKeyArn"], fresh=asked.fresh)
    for line in walk.on(after=asked.after):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    return 1 if walk.unknown or walk.left else 0


def outputs(stage: str) -> dict[str, str]:
    """What the stack of a deployed stage tells."""
    (stack,) = boto3.client("cloudformation").describe_stacks(StackName=f"Postroom-{stage}")["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


@dataclass
class Walk:
    """One walk through the table of channels; `unknown` counts secrets of kinds that are not known here."""

    table: str
    key_arn: str
    fresh: bool = False
    dynamodb: Callable[[], DynamoDBClient] = aws.dynamodb
    kms: Callable[[], KMSClient] = channels_aws.kms
    seen: int = 0
    sealed: int = 0
    moved: int = 0
    left: int = 0
    unknown: set[str] = field(default_factory=set)

    def on(self, after: str = "") -> Iterator[str]:
        """Go on after an item, page by page; a line for each page, and one at the end."""
        start: Any = {"ExclusiveStartKey": aws.marshal(_place(after))} if after else {}
        while True:
            page = self.dynamodb().scan(TableName=self.table, Limit=PAGE, ConsistentRead=True, **start)
            for item in page["Items"]:
                self._item(aws.unmarshal(item))
            if "LastEvaluatedKey" not in page:
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
            last = aws.unmarshal(page["LastEvaluatedKey"])
            yield f"… {self.seen} items seen, {self.sealed} secrets sealed anew; AFTER={last['pk']}/{last['sk']}"
        moved = f", {self.moved} of them from under another key" if self.moved else ""
        yield f"✓ {self.seen} items seen, {self.sealed} secrets sealed anew{moved}"
        if self.left:
            yield f"✗ {self.left} kept changing and were left as they were: run it once more"
        for kind in sorted(self.unknown):
            yield f"✗ Secrets of {kind}… were left as they were: their context is not known here"

    def _item(self, item: Item) -> None:
        self.seen += 1
        for name in [each.removesuffix(DATA_KEY) for each in item if each.endswith(DATA_KEY)]:
            kind, mark, identifier = str(item["sk"]).partition("#")
            if kind + mark in CONTEXTS:
                self.left += not self._settled(item, name, identifier)
            else:
                self.unknown.add(kind + mark)

    def _settled(self, item: Item, name: str, identifier: str) -> bool:
        """Whether a secret is sealed anew, or gone; it is read again where somebody changed it in between."""
        for _ in range(TRIES):
            if f"{name}{DATA_KEY}" not in item:
                return True
            if self._written(item, name, identifier):
                self.sealed += 1
                return True
            item = self._again(item)
        return False

    def _written(self, item: Item, name: str, identifier: str) -> bool:
        context = CONTEXTS[str(item["sk"]).removesuffix(identifier)](str(item["pk"]), identifier, item)
        old = Sealed(bytes(item[f"{name}{DATA_KEY}"]), bytes(item[f"{name}{BOX}"]))
        new = Vault(self.key_arn, self.kms).anew(old, context) if self.fresh else self._wrapped(old, context)
        values = {":key": new.data_key, ":box": new.box, ":old": old.data_key, ":was": old.box}
        try:
            self.dynamodb().update_item(
                TableName=self.table,
                Key=aws.marshal({"pk": item["pk"], "sk": item["sk"]}),
                UpdateExpression="SET #key = :key, #box = :box",
                ConditionExpression="#key = :old AND #box = :was",
                ExpressionAttributeNames={"#key": f"{name}{DATA_KEY}", "#box": f"{name}{BOX}"},
                ExpressionAttributeValues=aws.marshal(values),
            )
        except self.dynamodb().exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _wrapped(self, old: Sealed, context: Mapping[str, str]) -> Sealed:
        """The same, its data key wrapped anew within KMS: nobody sees it."""
        answer = self.kms().re_encrypt(
            CiphertextBlob=old.data_key,
            SourceEncryptionContext=context,
            DestinationKeyId=self.key_arn,
            DestinationEncryptionContext=context,
        )
        self.moved += answer["SourceKeyId"] != answer["KeyId"]
        return Sealed(answer["CiphertextBlob"], old.box)

    def _again(self, item: Item) -> Item:
        key = aws.marshal({"pk": item["pk"], "sk": item["sk"]})
        answer = self.dynamodb().get_item(TableName=self.table, Key=key, ConsistentRead=True)
        return aws.unmarshal(answer["Item"]) if "Item" in answer else {}


def _place(text: str) -> dict[str, str]:
    workspace, _, rest = text.partition("/")
    return {"pk": workspace, "sk": rest}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
