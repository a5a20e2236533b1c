// Sends with http.request what it reads, a request a line, and writes the answers.
const http = require('http');
const readline = require('readline');

const decode = (part) => decodeURIComponent(part.replace(/\+/g, ' '));

function send(method, url, body, headers) {
    return new Promise((done, fail) => {
        // What the documents' programs give http.request, or their library does for them.
        if (method !== 'GET') headers['Content-Length'] = body.length;
        const request = http.request(url, { method, headers }, (answer) => {
            let text = '';
            answer.setEncoding('utf8');
            answer.on('data', (part) => { text += part; });
            answer.on('end', () => done([answer.statusCode, `=${answer.headers.location ?? ''}`, `=${text}`]));
        });
        request.on('error', fail);
        request.end(body);
    });
}

(async () => {
    for await (const line of readline.createInterface({ input: process.stdin })) {
        const [method, url, body, ...headers] = line.split(' ').map(decode);
        const pairs = headers.map((header) => header.split(/: (.*)/s));
        const answer = await send(method, url, body === '-' ? '' : body.slice(1), Object.fromEntries(pairs));
        console.log(answer.map(encodeURIComponent).join(' '));
    }
})();
