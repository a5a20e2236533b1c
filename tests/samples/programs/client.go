// Sends with net/http what it reads, a request a line, and writes the answers.
package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if err := send(strings.Fields(lines.Text())); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func send(parts []string) error {
	for i, part := range parts {
		decoded, err := url.QueryUnescape(part)
		if err != nil {
			return err
		}
		parts[i] = decoded
	}
	var body io.Reader
	if parts[2] != "-" {
		body = strings.NewReader(parts[2][1:])
	}
	request, err := http.NewRequest(parts[0], parts[1], body)
	if err != nil {
		return err
	}
	for _, header := range parts[3:] {
		name, value, _ := strings.Cut(header, ": ")
		request.Header.Add(name, value)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	location := answer.Header.Get("Location")
	fmt.Println(answer.StatusCode, url.QueryEscape("="+location), url.QueryEscape("="+string(text)))
	return nil
}
