"use strict";
// nodemailer with its pool of 16 connections: peer_nodemailer.js PORT COUNT FILE FROM TO sends FILE,
// as it is, so often. At its best: four letters a connection are on its list at any time, a
// connection is not changed after 100 letters, and its sockets do not delay (by default the lone
// dot at a letter's end waits 40 ms for the server's acknowledgement: 360 letters/s).
const fs = require("node:fs");
const net = require("node:net");
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
transport.getSocket = (options, callback) => {
	const socket = net.connect({ host: options.host, port: options.port, noDelay: true });
	socket.once("error", callback);
	socket.once("connect", () => {
		socket.removeListener("error", callback);
		callback(null, { connection: socket });
	});
};
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
