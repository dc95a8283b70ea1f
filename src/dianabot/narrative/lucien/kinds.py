"""What kinds of value a template puts together: what could not be rendered is found before it is published."""

from collections.abc import Iterator, Mapping
from typing import Final

from jinja2 import nodes

OWN: Final[Mapping[str, type]] = {"name": str, "besitos": int, "level": int, "vip": bool}
_ORDER: Final = frozenset({"lt", "lteq", "gt", "gteq"})
_SIGNS: Final[Mapping[type[nodes.Expr], str]] = {nodes.Add: "+", nodes.Sub: "-"}


def unfit(tree: nodes.Template, variables: Mapping[str, type]) -> Iterator[tuple[str, int]]:
    """Each sum and comparison that never works out, and its line. What is not known may be anything."""
    for node in tree.find_all((nodes.Add, nodes.Sub, nodes.Neg, nodes.Compare)):
        if isinstance(node, nodes.Compare):
            if not _compares(node, variables):
                yield "/".join(operand.op for operand in node.ops), node.lineno
        elif isinstance(node, nodes.Neg):
            if _kind(node.node, variables) is str:
                yield "-", node.lineno
        elif isinstance(node, nodes.Add | nodes.Sub):
            kinds = {_kind(side, variables) for side in (node.left, node.right)}
            if str in kinds and (isinstance(node, nodes.Sub) or kinds & {int, bool}):
                yield _SIGNS[type(node)], node.lineno


def _compares(node: nodes.Compare, variables: Mapping[str, type]) -> bool:
    """Texts with texts, numbers with numbers; whether they are equal may always be asked."""
    left = _kind(node.expr, variables)
    for operand in node.ops:
        right = _kind(operand.expr, variables)
        if operand.op in {"in", "notin"} and {left, right} & {int, bool}:
            return False
        if operand.op in _ORDER and {left, right} >= {str} and {left, right} & {int, bool}:
            return False
        left = right
    return True


def _kind(node: nodes.Expr, variables: Mapping[str, type]) -> type | None:
    if isinstance(node, nodes.Const):
        return type(node.value)
    if isinstance(node, nodes.Name):
        return OWN.get(node.name)
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name) and node.node.name == "vars":
        return variables.get(node.attr)
    if isinstance(node, nodes.Filter | nodes.Concat):
        return str
    if isinstance(node, nodes.Sub | nodes.Neg):
        return int
    return None
