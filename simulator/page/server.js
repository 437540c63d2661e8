// The page's way to the simulator: control calls, events, uploads.

// "?bot=ID" picks one of several bots
const bot = new URLSearchParams(location.search).get("bot");

function address(path, parameters = {}) {
  const query = new URLSearchParams(parameters);
  if (bot) query.set("bot", bot);
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

/** One control call; throws an Error with the simulator's words. */
export async function ctl(path, body = {}) {
  const response = await fetch(address(`/_ctl/${path}`), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer?.error ?? response.statusText);
  return answer;
}

/** Listens for ever; the browser reconnects by itself. */
export function listen(onEvent, onState) {
  const source = new EventSource(address("/_ctl/events"));
  source.onopen = () => onState(true);
  source.onerror = () => onState(false);
  source.onmessage = (event) => onEvent(JSON.parse(event.data));
}

/** Where the content of a file is. */
export function fileUrl(id) {
  return address("/_chat/file", { id });
}

/** Sends a file as the user; `onProgress` gets shares of 1. */
export function upload(user, file, { asDocument, caption, replyTo }, onProgress) {
  const parameters = { user };
  if (asDocument) parameters.as = "document";
  if (replyTo) parameters.reply_to = replyTo;
  const form = new FormData();
  if (caption) form.append("caption", caption);
  form.append("file", file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address("/_chat/upload", parameters));
    request.responseType = "json";
    request.upload.onprogress = (e) => e.lengthComputable && onProgress(e.loaded / e.total);
    request.onerror = () => reject(new Error("the upload failed"));
    request.onload = () => {
      const answer = request.response ?? {};
      if (request.status === 200) resolve(answer);
      else reject(new Error(answer.error ?? answer.description ?? `status ${request.status}`));
    };
    request.send(form);
  });
}
