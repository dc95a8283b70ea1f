"""The map of a story: as a picture (SVG), for Graphviz (DOT) and for Markdown (Mermaid)."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from textwrap import wrap

from dianabot.content.engine import Choice, Scene, Story, read
from dianabot.content.finding import Finding, said
from dianabot.content.layout import HIGH, WIDE, Layout, layout
from dianabot.screens.words import Words
from dianabot.vocabulary.world import Text, World

STYLE = """
:root { color-scheme: light dark; --paper: #fbf8f3; --band: #f1ebe0; --ink: #2b2430; --soft: #8a7f8d; --card: #fff;
  --line: #9a8fa0; --entry: #2f6f4f; --ending: #6a3d8f; --vip: #fdf0c9; --vip-line: #b8860b; --error: #c0262d;
  --warning: #c9720c; }
@media (prefers-color-scheme: dark) { :root { --paper: #17131a; --band: #1f1a24; --ink: #efe7f2; --soft: #9d91a3;
  --card: #2a2330; --line: #75697c; --entry: #6cc79a; --ending: #c39be6; --vip: #43371a; --vip-line: #e0b64a;
  --error: #ff6b6b; --warning: #ffa94d; } }
svg { background: var(--paper); font: 13px system-ui, sans-serif; }
text { fill: var(--ink); } .soft { fill: var(--soft); font-size: 12px; } .band { fill: var(--band); }
.card rect { fill: var(--card); stroke: var(--line); stroke-width: 1.2; }
.vip rect { fill: var(--vip); stroke: var(--vip-line); } .entry rect { stroke: var(--entry); stroke-width: 3; }
.ending rect { stroke: var(--ending); stroke-width: 2; } .secret rect { stroke-dasharray: 2 4; stroke-linecap: round; }
.card.warning rect { stroke: var(--warning); stroke-width: 3; }
.card.error rect { stroke: var(--error); stroke-width: 3; }
.way { fill: none; stroke: var(--line); stroke-width: 1.4; } .locked { stroke-dasharray: 6 4; }
.way.warning { stroke: var(--warning); stroke-width: 2.4; } .way.error { stroke: var(--error); stroke-width: 2.4; }
.lock rect { fill: var(--ink); } .lock path { fill: none; stroke: var(--ink); stroke-width: 1.6; }
.tip { fill: var(--line); }
"""
TIP = """<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
<path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>"""


def svg(world: World, findings: Iterable[Finding] = ()) -> str:
    """A picture that needs nothing but itself, readable by day and by night."""
    story, found = read(world), _by_place(findings)
    drawn, words = layout(story), Words(world.language)
    width, height = max(drawn.width, 640), drawn.height
    size = (round(width), round(height))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]} {size[1]}"',
        f' width="{size[0]}" height="{size[1]}" role="img">',
        f"<title>{escape(_text(world, world.title))}</title><style>{STYLE}</style>",
        TIP,
        *_bands(world, drawn, width, words),
        *(_way(story, choice, drawn, found, words) for choice in _choices(story)),
        *(_card(story, scene, drawn, found, words) for scene in story.scenes.values()),
        _legend(height, words),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def dot(world: World, findings: Iterable[Finding] = ()) -> str:
    story, found = read(world), _by_place(findings)
    lines = ["digraph story {", '  node [shape=box, style="rounded,filled", fillcolor=white];']
    for number in sorted({scene.fragment.level for scene in story.scenes.values()}):
        lines.append(f"  subgraph cluster_{number} {{ label={_quoted(_level(world, number, Words(world.language)))};")
        cards = [scene for scene in story.scenes.values() if scene.fragment.level == number]
        lines += [f"    {_quoted(scene.key)} [{_dot_card(story, scene, found)}];" for scene in cards]
        lines.append("  }")
    for choice in _choices(story):
        label = _text(world, choice.decision.text) + (" 🔒" if _locked(story, choice) else "")
        style = ", style=dashed" if _locked(story, choice) else ""
        colour = _COLOURS.get(_worst(_of_way(found, choice)), "")
        way = f"{_quoted(_from(choice))} -> {_quoted(choice.to)}"
        lines.append(f"  {way} [label={_quoted(label)}{style}{f', color={colour}' if colour else ''}];")
    return "\n".join([*lines, "}"]) + "\n"


def mermaid(world: World, findings: Iterable[Finding] = ()) -> str:
    story, found = read(world), _by_place(findings)
    number = {key: f"n{index}" for index, key in enumerate(story.scenes)}  # keys may be words of Mermaid's own
    lines = ["flowchart TD"]
    for level in sorted({scene.fragment.level for scene in story.scenes.values()}):
        lines.append(f'  subgraph level{level}["{_mermaid(_level(world, level, Words(world.language)))}"]')
        for key, scene in story.scenes.items():
            if scene.fragment.level == level:
                title = _mermaid(_marks(scene) + _text(world, scene.fragment.title))
                shape = f'(["{title}"])' if scene.fragment.ending else f'["{title}"]'
                lines.append(f"    {number[key]}{shape}")
        lines.append("  end")
    for choice in _choices(story):
        label = _mermaid(_text(world, choice.decision.text))
        arrow = f'-. "🔒 {label}" .->' if _locked(story, choice) else f'-- "{label}" -->'
        lines.append(f"  {number[_from(choice)]} {arrow} {number[choice.to]}")
    lines += [f"  classDef {severity} stroke:{colour},stroke-width:3px" for severity, colour in _COLOURS.items()]
    for key, scene in story.scenes.items():
        if (worst := _worst(_of_card(found, scene))) in _COLOURS:
            lines.append(f"  class {number[key]} {worst}")
    return "\n".join(lines) + "\n"


_COLOURS = {"error": "crimson", "warning": "darkorange"}


def _by_place(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """By `fragments.hall` or `fragments.hall.decisions.open`."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        parts = finding.path.split(".")
        if parts[0] == "fragments" and len(parts) > 1:
            place = ".".join(parts[:4] if parts[2:3] == ["decisions"] else parts[:2])
            found.setdefault(place, []).append(finding)
    return found


def _of_card(found: dict[str, list[Finding]], scene: Scene) -> list[Finding]:
    return found.get(scene.path, [])


def _of_way(found: dict[str, list[Finding]], choice: Choice) -> list[Finding]:
    return found.get(choice.path, [])


def _worst(findings: Sequence[Finding]) -> str:
    return next((level for level in _COLOURS if any(each.severity == level for each in findings)), "")


def _choices(story: Story) -> list[Choice]:
    return [choice for scene in story.scenes.values() for choice in scene.choices if choice.to in story.scenes]


def _from(choice: Choice) -> str:
    return choice.key.partition(".")[0]


def _locked(story: Story, choice: Choice) -> bool:
    target = story.scenes[choice.to].fragment
    return bool(choice.decision.requirement or choice.decision.cost or target.requirement or target.vip)


def _text(world: World, text: Text) -> str:
    return text.get(world.language) or next(iter(text.values()))


def _marks(scene: Scene) -> str:
    kinds = {"▶": scene.fragment.entry, "◆": scene.fragment.ending, "✦": scene.fragment.secret, "★": scene.fragment.vip}
    marks = "".join(mark for mark, has in kinds.items() if has)
    return f"{marks} " if marks else ""


def _level(world: World, number: int, words: Words) -> str:
    name = next((_text(world, level.name) for level in world.levels if level.number == number), None)
    return f"{number} · {name}" if name else words.label("map.level", number=number)


def _bands(world: World, drawn: Layout, width: float, words: Words) -> Iterator[str]:
    for index, (number, top, bottom) in enumerate(drawn.bands):
        if index % 2 == 0:
            yield f'<rect class="band" x="0" y="{top:.0f}" width="{width:.0f}" height="{bottom - top:.0f}"/>'
        yield f'<text class="soft" x="14" y="{top + 18:.0f}">{escape(_level(world, number, words))}</text>'


def _card(story: Story, scene: Scene, drawn: Layout, found: dict[str, list[Finding]], words: Words) -> str:
    x, y = drawn.places[scene.key]
    problems = _of_card(found, scene)
    fragment = scene.fragment
    kinds = {"vip": fragment.vip, "entry": fragment.entry, "ending": fragment.ending, "secret": fragment.secret}
    classes = " ".join(["card", *(kind for kind, has in kinds.items() if has), _worst(problems)]).strip()
    title = wrap(_marks(scene) + _text(story.world, fragment.title), 24, max_lines=2, placeholder=" …")
    left, top = x - WIDE / 2, y - HIGH / 2
    box = f'<rect x="{left:.1f}" y="{top:.1f}" width="{WIDE}" height="{HIGH}" rx="10"/>'
    if fragment.ending:
        box += f'<rect x="{left + 4:.1f}" y="{top + 4:.1f}" width="{WIDE - 8}" height="{HIGH - 8}" rx="7"/>'
    lines = "".join(
        f'<text x="{x:.1f}" y="{y + 4.5 + 16 * (index - (len(title) - 1) / 2):.1f}" text-anchor="middle">'
        f"{escape(line)}</text>"
        for index, line in enumerate(title)
    )
    tip = escape("\n".join([scene.key, *(said(words, each) for each in problems)]))
    return f'<g class="{classes}"><title>{tip}</title>{box}{lines}</g>'


def _way(story: Story, choice: Choice, drawn: Layout, found: dict[str, list[Finding]], words: Words) -> str:
    problems, locked = _of_way(found, choice), _locked(story, choice)
    points = _points(choice, drawn)
    tip = escape("\n".join([_text(story.world, choice.decision.text), *(said(words, each) for each in problems)]))
    classes = " ".join(filter(None, ["way", "locked" if locked else "", _worst(problems)]))
    way = f'<path class="{classes}" marker-end="url(#tip)" d="{_curve(points)}"><title>{tip}</title></path>'
    if not locked:
        return way
    (x1, y1), (x2, y2) = points[len(points) // 2 - 1 : len(points) // 2 + 1]
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    return way + (
        f'<g class="lock" transform="translate({x:.1f} {y:.1f})"><title>{tip}</title>'
        '<rect x="-5" y="-2" width="10" height="8" rx="1.5"/><path d="M-3 -2v-2a3 3 0 0 1 6 0v2"/></g>'
    )


def _points(choice: Choice, drawn: Layout) -> list[tuple[float, float]]:
    """From edge to edge; a way up leaves and arrives a little to the side, one along its row goes below."""
    (x1, y1), (x2, y2) = drawn.places[_from(choice)], drawn.places[choice.to]
    half = HIGH / 2
    if y1 == y2:
        low = y1 + half + 22
        return [(x1 + 30, y1 + half), (x1 + 30, low), (x2 - 30, low), (x2 - 30, y2 + half)]
    if y2 > y1:
        return [(x1, y1 + half), *drawn.bends[choice.key], (x2, y2 - half)]
    return [(x1 + 40, y1 - half), *drawn.bends[choice.key], (x2 + 40, y2 + half)]


def _curve(points: Sequence[tuple[float, float]]) -> str:
    """Smooth, upright at every point."""
    (x, y), *rest = points
    path = [f"M{x:.1f} {y:.1f}"]
    for after_x, after_y in rest:
        middle = (y + after_y) / 2
        path.append(f"C{x:.1f} {middle:.1f} {after_x:.1f} {middle:.1f} {after_x:.1f} {after_y:.1f}")
        x, y = after_x, after_y
    return "".join(path)


def _legend(height: float, words: Words) -> str:
    kinds = {"▶": "entry", "◆": "ending", "✦": "secret", "★": "vip", "- - -": "locked"}
    line = "   ".join(f"{mark} {words.label(f'map.{kind}')}" for mark, kind in kinds.items())
    return f'<text class="soft" x="14" y="{height - 14:.0f}" xml:space="preserve">{escape(line)}</text>'


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def _dot_card(story: Story, scene: Scene, found: dict[str, list[Finding]]) -> str:
    said_of = [f"label={_quoted(_marks(scene) + _text(story.world, scene.fragment.title))}"]
    if scene.fragment.vip:
        said_of.append("fillcolor=lightgoldenrod")
    if scene.fragment.ending:
        said_of.append("peripheries=2")
    if scene.fragment.secret:
        said_of.append('style="rounded,filled,dotted"')
    if (colour := _COLOURS.get(_worst(_of_card(found, scene)))) is not None:
        said_of.append(f"color={colour}, penwidth=3")
    return ", ".join(said_of)


def _mermaid(text: str) -> str:
    """Mermaid reads quotes and some signs as its own; entities are plain text to it."""
    return "".join(f"#{ord(sign)};" if sign in '"#<>`&;' else sign for sign in text.replace("\n", " "))
