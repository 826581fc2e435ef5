// Talks to the REST interface. Inside Kura's own page the session cookie signs in; elsewhere a
// short-lived token does, which the embedding page's own server fetches for its reader.

import { readEvents } from "./stream.js";

class Problem extends Error {
  constructor(status, detail) {
    super(detail || String(status));
    this.status = status;
    this.detail = detail;
  }
}

export class Client {
  token = null;

  constructor({ server, tokenUrl, actAs, language }) {
    this.server = server;
    this.tokenUrl = tokenUrl;
    this.actAs = actAs;
    this.language = language;
  }

  /** Streams the events of one answer; aborting the signal stops the server's work too. */
  async *ask(question, history, signal, conversation) {
    const response = await this.#request("/api/v1/ask", {
      method: "POST",
      signal,
      headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
      body: JSON.stringify({ question, history, conversation, stream: true }),
    });
    yield { event: "open", data: {} }; // what fails from here on is a cut, not a missing server
    yield* readEvents(response);
  }

  /** Says what an answer was worth. */
  async rate(said) {
    await this.#request("/api/v1/feedback", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(said),
    });
  }

  async text(documentId) {
    const response = await this.#request(`/api/v1/documents/${encodeURIComponent(documentId)}/text`);
    return response.json();
  }

  /** The file as it was brought in, and its name. */
  original(documentId) {
    return this.file(`/api/v1/documents/${encodeURIComponent(documentId)}/original`);
  }

  /** A file that the server sends as an attachment, and its name. */
  async file(path) {
    const response = await this.#request(path);
    const sent = response.headers.get("Content-Disposition") || "";
    const encoded = /filename\*=UTF-8''([^;]+)/i.exec(sent)?.[1]; // names beyond ASCII come like this
    const name = encoded ? decodeURIComponent(encoded) : /filename="([^"]+)"/i.exec(sent)?.[1];
    return { blob: await response.blob(), name: name || "document" };
  }

  async get(path) {
    return (await this.#request(path)).json();
  }

  /** Changes or deletes something; returns what the server answers, null for nothing. */
  async send(method, path, body, signal) {
    const headers = body ? { "Content-Type": "application/json" } : {};
    const response = await this.#request(path,
      { method, headers, signal, body: body && JSON.stringify(body) });
    return response.status === 204 ? null : response.json();
  }

  async #request(path, options = {}, retried = false) {
    if (this.tokenUrl && !this.token) await this.#renewToken();
    const headers = { "Accept-Language": this.language, ...options.headers };
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    if (this.actAs) headers["Kura-Act-As"] = this.actAs;
    const credentials = this.server === location.origin ? "same-origin" : "omit";
    const response = await fetch(this.server + path, { ...options, headers, credentials });
    if (response.ok) return response;
    if (response.status === 401 && this.tokenUrl && !retried) {
      await this.#renewToken();
      return this.#request(path, options, true);
    }
    const problem = await response.json().catch(() => ({}));
    throw new Problem(response.status, problem.detail || problem.title);
  }

  async #renewToken() {
    const response = await fetch(this.tokenUrl, { credentials: "same-origin", cache: "no-store" });
    if (!response.ok) throw new Problem(401);
    this.token = (await response.json()).token;
  }
}
