// Command rolling sends through all replicas by grpc-go, with the settings of docs/operations.md: see ../run.py.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	smsmuxv1 "github.com/smsmux/smsmux/clients/go/smsmux/v1"
)

const config = `{"loadBalancingConfig": [{"round_robin": {}}], "methodConfig": [{"name": [{}], "retryPolicy": {
  "maxAttempts": 4, "initialBackoff": "0.2s", "maxBackoff": "2s", "backoffMultiplier": 2,
  "retryableStatusCodes": ["UNAVAILABLE", "ABORTED"]}}]}`

// inFlight is the most calls at a time: a machine that is too slow for the rate makes fewer.
const inFlight = 200

// longest is the time for a call with all that the program repeats.
const longest = 200 * time.Second

// seen is what the program prints in the end.
type seen struct {
	Calls    int      `json:"calls"`
	Repeated int      `json:"repeated"`
	Failed   []string `json:"failed"`
	Slowest  float64  `json:"slowest"`

	lock sync.Mutex
}

func main() {
	log.SetFlags(0)
	rate, err := strconv.Atoi(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	conn, err := grpc.NewClient(os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(config))
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	messages, prefix := smsmuxv1.NewMessageServiceClient(conn), os.Args[3]
	ended := make(chan struct{})
	go func() {
		io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	all, begun, ticks := seen{Failed: []string{}}, time.Now(), time.NewTicker(10*time.Millisecond)
	var calls sync.WaitGroup
	var flying atomic.Int64
	for running := true; running; {
		select {
		case <-ended:
			running = false
		case <-ticks.C:
			due := int(time.Since(begun).Seconds() * float64(rate))
			for ; all.Calls < due && flying.Load() < inFlight; all.Calls++ {
				flying.Add(1)
				text := fmt.Sprintf("%s-%d", prefix, all.Calls)
				calls.Add(1)
				go func() {
					defer calls.Done()
					defer flying.Add(-1)
					all.send(messages, text)
				}()
			}
		}
	}
	calls.Wait()
	if err := json.NewEncoder(os.Stdout).Encode(&all); err != nil {
		log.Fatal(err)
	}
}

func (s *seen) send(messages smsmuxv1.MessageServiceClient, text string) {
	request := &smsmuxv1.SendMessageRequest{
		Parent: "accounts/smsend", Recipients: []string{"+393471234567"}, Text: text,
	}
	begun := time.Now()
	for {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		_, err := messages.SendMessage(metadata.AppendToOutgoingContext(ctx, "idempotency-key", text), request)
		cancel()
		took, code := time.Since(begun), status.Code(err)
		// The outcome is not known yet: the program repeats the call, with the same key.
		again := (code == codes.Unknown || code == codes.DeadlineExceeded) && took < longest
		s.lock.Lock()
		s.Slowest = max(s.Slowest, took.Seconds())
		switch {
		case again:
			s.Repeated++
		case err != nil:
			s.Failed = append(s.Failed, text+": "+err.Error())
		}
		s.lock.Unlock()
		if !again {
			return
		}
		time.Sleep(2 * time.Second)
	}
}
