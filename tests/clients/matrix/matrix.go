// Go's net/http, for the client matrix in docs/faults.md. with_requests.py says how lines go in and out.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"
)

var writing sync.Mutex

func say(number, kind, text string) {
	writing.Lock()
	defer writing.Unlock()
	fmt.Printf("%s\t%s\t%s\n", number, kind, text)
}

func describe(err error) (string, string) {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return "timeout", fmt.Sprintf("%T with Timeout()", err)
	}
	// It repeats the method and the URL, and says the rest itself.
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	return "error", err.Error()
}

func ask(transport *http.Transport, number string, patience time.Duration, address string) {
	client := http.Client{Transport: transport, Timeout: patience}
	answer, err := client.Get(address)
	var body []byte
	if err == nil {
		body, err = io.ReadAll(answer.Body)
		answer.Body.Close()
	}
	if err != nil {
		kind, text := describe(err)
		say(number, kind, text)
		return
	}
	var parsed any
	if err := json.Unmarshal(body, &parsed); err != nil {
		say(number, "body", fmt.Sprintf("%d, then %T", answer.StatusCode, err))
		return
	}
	say(number, "ok", fmt.Sprint(answer.StatusCode))
}

func main() {
	authority, err := os.ReadFile(os.Getenv("CPGW_CA_FILE"))
	if err != nil {
		log.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var number, address string
		var milliseconds int
		if _, err := fmt.Sscan(lines.Text(), &number, &milliseconds, &address); err != nil {
			log.Fatal(err)
		}
		go ask(transport, number, time.Duration(milliseconds)*time.Millisecond, address)
	}
}
