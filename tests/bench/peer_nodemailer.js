"use strict";
// nodemailer with its pool of 16 connections: peer_nodemailer.js PORT COUNT FILE FROM TO sends FILE,
// as it is, so often. Four letters a connection are on its list at any time; a connection is not
// changed after 100 letters, as it would be by default.
const fs = require("node:fs");
const nodemailer = require("nodemailer");

const [port, count, file, from, to] = process.argv.slice(2);
const connections = 16;
const transport = nodemailer.createTransport({
	host: "127.0.0.1",
	port: Number(port),
	secure: false,
	ignoreTLS: true,
	pool: true,
	maxConnections: connections,
	maxMessages: Infinity,
});
const raw = fs.readFileSync(file);
let left = Number(count);

async function sendSome() {
	while (left > 0) {
		left--;
		await transport.sendMail({ envelope: { from, to: [to] }, raw });
	}
}

Promise.all(Array.from({ length: 4 * connections }, sendSome)).then(
	() => transport.close(),
	(error) => {
		console.error(error.message);
		process.exit(1);
	},
);
