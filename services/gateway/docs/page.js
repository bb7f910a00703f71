"use strict";

// The reference, and a login for it. Tokens live in this page's memory only.
(function () {
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
	});
	const form = document.getElementById("login");
	const message = document.getElementById("message");
	let tokens = null;
	let timer = null;

	function authorise(token) {
		const schema = { type: "http", scheme: "bearer", bearerFormat: "JWT" };
		ui.authActions.authorize({ bearerAuth: { name: "bearerAuth", schema: schema, value: token } });
	}

	function keep(answer) {
		tokens = answer;
		authorise(answer.access_token);
		clearTimeout(timer);
		timer = setTimeout(renew, Math.max(5, answer.expires_in - 30) * 1000);
	}

	async function take(path, init) {
		const response = await fetch(path, Object.assign({ method: "POST", cache: "no-store" }, init));
		const answer = await response.json();
		if (!response.ok)
			throw new Error(answer.detail || answer.error_description || answer.title || response.statusText);
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

	function leave(text) {
		clearTimeout(timer);
		tokens = null;
		ui.authActions.logout(["bearerAuth"]);
		document.getElementById("fields").hidden = false;
		document.getElementById("who").hidden = true;
		message.textContent = text || "";
	}

	async function enter(event) {
		event.preventDefault();
		message.textContent = "";
		const credentials = Object.fromEntries(new FormData(form));
		try {
			keep(await take("/v1/sessions", {
				headers: { "Content-Type": "application/json" },
				body: JSON.stringify(credentials),
			}));
			const me = await fetch("/v1/me", { headers: { Authorization: "Bearer " + tokens.access_token } });
			const who = await me.json();
			document.getElementById("name").textContent = who.name + " (" + who.roles.join(", ") + ")";
			document.getElementById("fields").hidden = true;
			document.getElementById("who").hidden = false;
			form.elements.password.value = "";
		} catch (problem) {
			message.textContent = problem.message;
		}
	}

	form.addEventListener("submit", enter);
	document.getElementById("logout").addEventListener("click", async function () {
		const token = tokens && tokens.refresh_token;
		leave();
		if (token)
			await take("/oauth/revoke", { body: new URLSearchParams({ token: token }) });
	});
}());
