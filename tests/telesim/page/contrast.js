// Every visible text against what lies behind it. Half-transparent layers are put over each other; where the
// wallpaper shines through, its worst colour counts. Emoji and disabled things are not text to be read.
(least) => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const parse = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const root = getComputedStyle(document.documentElement);
  const walls = [1, 2, 3, 4].map((n) => parse(root.getPropertyValue(`--wall-${n}`)));
  const backs = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.backgroundImage.includes('gradient') && style.backgroundColor === 'rgba(0, 0, 0, 0)') {
        const stops = style.backgroundImage.match(/rgba?\([^)]*\)/g) ?? [];
        if (stops.length && !at.classList.contains('key')) return stops.map(parse).filter((c) => c[3] === 1);
      }
      const colour = parse(style.backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) return [layers.reduceRight((below, top) => over(top, below))];
      if (at.matches('.conversation, .nothing')) return walls.map((wall) => layers.reduceRight((below, top) => over(top, below), wall));
    }
    return [[255, 255, 255, 1]];
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const node = walker.currentNode.parentElement;
    if (!/[\p{L}\p{N}]/u.test(text) || node.closest('.sr, :disabled, .spoiler:not(.open), .avatar, svg, noscript, .leaving')) continue;
    if (!node.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
    const colour = parse(getComputedStyle(node).color);
    const worst = Math.min(...backs(node).map((back) => ratio(over(colour, back), back)));
    if (worst < least) poor.push(`${worst.toFixed(2)} ${node.className || node.tagName}: ${text.slice(0, 30)}`);
  }
  return poor;
}
