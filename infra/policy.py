"""How permissions are written: who may do what, what is denied without TLS, and why a finding stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import Acknowledgment, Reference, Stack, Token, Tokenization, Validations
from aws_cdk import aws_iam as iam

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import Construct, IConstruct

    from infra.stage import Stage

Conditions = dict[str, dict[str, str | list[str]]]


@dataclass(frozen=True, slots=True)
class Permission:
    """Leave for `actions` on exactly these `resources`; where one ends in a wildcard, `wildcard` says why."""

    actions: Sequence[str]
    resources: Sequence[str]
    conditions: Conditions | None = None
    wildcard: str = ""

    def statement(self) -> iam.PolicyStatement:
        """The permission as it stands in a policy."""
        return iam.PolicyStatement(
            actions=list(self.actions), resources=list(self.resources), conditions=self.conditions
        )


def allow(*actions: str, on: Sequence[str], when: Conditions | None = None, wildcard: str = "") -> Permission:
    """Leave for `actions` on exactly these resources."""
    return Permission(actions, on, when, wildcard)


def role(scope: Construct, construct_id: str, *, taken_by: iam.IPrincipal, may: Sequence[Permission]) -> iam.Role:
    """A role that may do this and nothing else; each wildcard is acknowledged with its reason."""
    document = iam.PolicyDocument(statements=[permission.statement() for permission in may])
    made = iam.Role(scope, construct_id, assumed_by=taken_by, inline_policies={"Allowed": document})
    stack = Stack.of(scope)
    for permission in may:
        acknowledge(made, _wildcards(stack, permission))
    reasons = {permission.wildcard: None for permission in may if permission.wildcard}
    if reasons:
        acknowledge(made, {"Serverless-LambdaStarPermissions": " ".join(reasons)})
    return made


def tls_only(action: str, *, on: Sequence[str], stage: Stage) -> iam.PolicyStatement:
    """No access without TLS. The emulator speaks plain HTTP, so on stage `local` loopback may, and nobody else."""
    conditions: Conditions = {"Bool": {"aws:SecureTransport": "false"}}
    if stage.local:
        conditions["NotIpAddress"] = {"aws:SourceIp": "127.0.0.0/8"}
    return iam.PolicyStatement(
        sid="TlsOnly",
        effect=iam.Effect.DENY,
        principals=[iam.AnyPrincipal()],
        actions=[action],
        resources=list(on),
        conditions=conditions,
    )


def acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Say why findings of cdk-nag on `construct`, and on what it is made of, stand."""
    Validations.of(construct).acknowledge(*(Acknowledgment(id=rule, reason=why) for rule, why in reasons.items()))


def _wildcards(stack: Stack, permission: Permission) -> dict[str, str]:
    if not permission.wildcard:
        return {}
    flat = [_flat(stack.resolve(_imported(stack, resource))) for resource in permission.resources]
    return {f"AwsSolutions-IAM5[Resource::{name}]": permission.wildcard for name in flat if "*" in name}


def _imported(stack: Stack, resource: str) -> str:
    """A resource as it will stand in the template of `stack`: where another stack makes it, by its export."""
    for token in Tokenization.reverse_string(resource).tokens:
        if isinstance(token, Reference) and Stack.of(token.target).node.path != stack.node.path:
            export = Stack.of(token.target).export_value(token)
            resource = resource.replace(Token.as_string(token), export)
    return resource


def _flat(value: Any) -> str:
    """An intrinsic function of CloudFormation as cdk-nag writes it in the name of a finding."""
    match value:
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(_flat(part) for part in parts)
        case {"Fn::GetAtt": [resource, attribute]}:
            return f"<{resource}.{attribute}>"
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::ImportValue": name}:
            return str(name)
        case _:
            return str(value)
