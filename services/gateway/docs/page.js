"use strict";

// The reference, and a login for it. Tokens live in this page's memory only.
(function () {
	const RENEW_BEFORE_SECONDS = 30;

	function at(node, path) {
		return path.reduce((found, name) => found === undefined ? found : found[name], node);
	}

	// What stands at a path of the description, its references followed. All of them lead into "components"; one that
	// is being followed already stays.
	function resolve(whole, node, following) {
		if (Array.isArray(node))
			return node.map(item => resolve(whole, item, following));
		if (node === null || typeof node !== "object")
			return node;
		const reference = node.$ref;
		if (typeof reference !== "string" || !reference.startsWith("#/"))
			return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, resolve(whole, value, following)]));
		if (following.includes(reference))
			return node;
		const target = at(whole, reference.slice(2).split("/").map(name => name.replace(/~1/g, "/").replace(/~0/g, "~")));
		return Object.assign({ $$ref: reference }, resolve(whole, target, following.concat(reference)));
	}

	// Swagger UI's own way reads the whole description anew for each operation that is opened, which takes seconds.
	function Resolver() {
		return { fn: { resolveSubtree: async (whole, path) => ({ spec: resolve(whole, at(whole, path), []), errors: [] }) } };
	}

	const ui = SwaggerUIBundle({
		url: "/openapi.json",
		dom_id: "#ui",
		deepLinking: true,
		docExpansion: "none",
		defaultModelsExpandDepth: 0,
		displayRequestDuration: true,
		filter: true,
		tryItOutEnabled: true,
		validatorUrl: null,
		plugins: [Resolver],
	});
	const form = document.getElementById("login");
	const who = document.getElementById("who");
	const message = document.getElementById("message");
	const button = form.querySelector("button");
	let tokens = null;
	let timer = null;

	// Swagger UI is dark when its root says so; the browser knows what the person wants.
	function darken(dark) {
		document.documentElement.classList.toggle("dark-mode", dark.matches);
	}

	function authorise(token) {
		const schema = { type: "http", scheme: "bearer", bearerFormat: "JWT" };
		ui.authActions.authorize({ bearerAuth: { name: "bearerAuth", schema: schema, value: token } });
	}

	function keep(answer) {
		tokens = answer;
		authorise(answer.access_token);
		clearTimeout(timer);
		timer = setTimeout(renew, Math.max(5, answer.expires_in - RENEW_BEFORE_SECONDS) * 1000);
	}

	async function take(path, init) {
		let response;
		try {
			response = await fetch(path, Object.assign({ method: "POST", cache: "no-store" }, init));
		} catch (problem) {
			throw new Error("The gateway does not answer.");
		}
		const answer = await response.json().catch(() => ({}));
		if (!response.ok)
			throw new Error(answer.detail || answer.error_description || answer.title || "Status " + response.status);
		return answer;
	}

	async function renew() {
		const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: tokens.refresh_token });
		try {
			keep(await take("/oauth/token", { body: body }));
		} catch (problem) {
			leave(problem.message);
		}
	}

	function show(me) {
		form.hidden = Boolean(me);
		who.hidden = !me;
		document.getElementById("name").textContent = me ? me.name : "";
		document.getElementById("rights").textContent = me ? me.roles.join(", ") + " of " + me.tenant.name : "";
	}

	function leave(text) {
		clearTimeout(timer);
		tokens = null;
		ui.authActions.logout(["bearerAuth"]);
		show(null);
		message.textContent = text || "";
	}

	async function enter(event) {
		event.preventDefault();
		message.textContent = "";
		button.disabled = true;
		try {
			keep(await take("/v1/sessions", {
				headers: { "Content-Type": "application/json" },
				body: JSON.stringify(Object.fromEntries(new FormData(form))),
			}));
			show(await take("/v1/me", { method: "GET", headers: { Authorization: "Bearer " + tokens.access_token } }));
			form.elements.password.value = "";
		} catch (problem) {
			message.textContent = problem.message;
		} finally {
			button.disabled = false;
		}
	}

	async function end() {
		const token = tokens.refresh_token;
		leave();
		try {
			await take("/oauth/revoke", { body: new URLSearchParams({ token: token }) });
		} catch (problem) {
			message.textContent = "You are logged out of this page only. " + problem.message;
		}
	}

	const dark = window.matchMedia("(prefers-color-scheme: dark)");
	darken(dark);
	dark.addEventListener("change", darken);
	form.addEventListener("submit", enter);
	document.getElementById("logout").addEventListener("click", end);
}());
