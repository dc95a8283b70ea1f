// Where we are is in the address (`#/person/chat`), so a reload, a bookmark and the back button keep the place.
export function route() {
  const [, person, chat] = /^#\/(-?\d+)(?:\/(-?\d+))?/u.exec(location.hash) ?? [];
  return { person: person ? Number(person) : null, chat: chat ? Number(chat) : null };
}

export function goTo(chat, person = route().person) {
  location.hash = chat === null ? `#/${person}` : `#/${person}/${chat}`;
}

export function replaceRoute(person, chat) {
  history.replaceState(null, "", chat === null ? `#/${person}` : `#/${person}/${chat}`);
}
