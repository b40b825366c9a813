package cli

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// mockText is the SMS that comes by itself, with a code put in.
const mockText = "Your verification code is {code}. Do not share it."

// mockOptions are the flags of the mock command.
type mockOptions struct {
	addr, key, autoSMS, text, balance, catalogue, lifetime, latency string
	large, strict, lenient, anywhere, unverified                    bool
	seed                                                            uint64
	perDollar                                                       int
	dialect, hosts                                                  []string
}

func (p *program) mockCommand() *cobra.Command {
	var o mockOptions
	cmd := &cobra.Command{
		Use:     "mock",
		Short:   "Run the service offline, for tests",
		GroupID: groupOffline,
		Long: `Run the whole service on this machine: it keeps state, enforces the documented rules
and needs no network, phone or money. Its base URL is the one line on standard output,
printed when it is ready; requests are logged on standard error, without keys and texts.

Point programs at it by TEMPNUMBER_BASE_URL and TEMPNUMBER_API_KEY. The API's paths are
served at the root, below /v1 and below /api/v1.

Open the URL in a browser to see numbers, messages and requests as they come.

Apps send SMS by the API of their provider, unchanged but for its address: Twilio Messages
and Verify, AWS SNS, Vonage, or any webhook at /intake/http?to=/phone&text=/message.

Control it beside the service's paths, below /control, with any HTTP client and in JSON:

  curl "$URL/control/sms" -d '{"number": "+18454076623", "text": "Your code is 05678"}'
  curl "$URL/control/codes/+18454076623?wait=30s"
  curl "$URL/control/faults" -d '{"endpoint": "POST /activations", "status": 503, "times": 2}'

GET /control lists all that there is, and GET /control/openapi.yaml describes it.

It asks for no key, therefore the address must be one of this machine, and requests must
name it by a loopback name, an IP address or a name of --allow-host; web pages of other
sites are kept out. GET /healthz answers while it runs; see tempnumber ready. It ends with
SIGTERM or Ctrl-C, within a second and with exit code 0.

` + catalogueHelp,
		Args: exactly(0, "nothing"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.lenient && cmd.Flags().Changed("strict") && o.strict {
				return usage("--strict and --lenient say different things; give one of them")
			}
			server, err := o.server()
			if err != nil {
				return err
			}
			return p.serve(cmd.Context(), &o, server.ControlHandler())
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.addr, "addr", "127.0.0.1:0", "listen at `HOST:PORT`; port 0 takes a free one")
	f.StringVar(&o.key, "key", tempnumbertest.DefaultKey, "the API `KEY` that is accepted")
	f.StringVar(&o.autoSMS, "auto-sms", "", "send an SMS by itself to each number so much `TIME` after it is ordered, 0s or 3s (default none)")
	f.StringVar(&o.text, "text", mockText, "`TEXT` of these SMS; {code} becomes six digits")
	f.StringVar(&o.balance, "balance", "100", "`DOLLARS` on the account")
	f.StringVar(&o.lifetime, "lifetime", "20m", "`TIME` that a number lives")
	f.StringVar(&o.catalogue, "catalogue", "", "JSON `FILE` with services and countries")
	f.BoolVar(&o.large, "large", false, "3,000 services in 150 countries")
	f.BoolVar(&o.strict, "strict", true, "keep the documented rate limits, 20 pending activations, 7 % delivery")
	f.BoolVar(&o.lenient, "lenient", false, "keep none of these")
	f.Uint64Var(&o.seed, "seed", 0, "other numbers and codes for each `N`, the same at every run")
	f.StringSliceVar(&o.dialect, "dialect", nil, "answer otherwise than the document says, by `NAMES`: "+strings.Join(tempnumbertest.DialectNames(), ", "))
	f.StringVar(&o.latency, "latency", "", "`TIME` that every request to the service lies, up to 1m (default none)")
	f.IntVar(&o.perDollar, "pending-per-dollar", 0, "`N` more activations may be pending for each dollar of the balance")
	f.BoolVar(&o.unverified, "unverified-email", false, "refuse orders because the account's e-mail address is not verified")
	f.StringSliceVar(&o.hosts, "allow-host", nil, "answer requests for these host `NAMES`, and pages of these hosts, and call them back, too")
	f.BoolVar(&o.anywhere, "listen-anywhere", false, "allow an address that other machines reach")
	return cmd
}

// server makes the service that the flags describe.
func (o *mockOptions) server() (*tempnumbertest.Server, error) {
	balance, err := setting{"--balance", o.balance}.amount()
	if err != nil {
		return nil, err
	}
	lifetime, err := setting{"--lifetime", o.lifetime}.duration()
	if err != nil {
		return nil, err
	}
	latency, err := setting{"--latency", o.latency}.duration()
	if err != nil {
		return nil, err
	}
	dialect, err := tempnumbertest.ParseDialect(o.dialect...)
	if err != nil {
		return nil, usage("--dialect: %s", strings.TrimPrefix(err.Error(), "tempnumbertest: "))
	}
	delay, err := setting{"--auto-sms", o.autoSMS}.duration()
	if err != nil {
		return nil, err
	}
	if lifetime == 0 || o.key == "" {
		return nil, usage("--lifetime must be above zero and --key must not be empty")
	}
	if latency > time.Minute || o.perDollar < 0 {
		return nil, usage("--latency is one minute at most and --pending-per-dollar not below zero")
	}
	opts := []tempnumbertest.Option{
		tempnumbertest.WithKey(o.key), tempnumbertest.WithBalance(balance),
		tempnumbertest.WithLifetime(lifetime), tempnumbertest.WithSeed(o.seed),
		tempnumbertest.WithDialect(dialect), tempnumbertest.WithPendingCapPerDollar(o.perDollar), tempnumbertest.WithAllowedHosts(o.hosts...),
	}
	if o.unverified {
		opts = append(opts, tempnumbertest.WithUnverifiedEmail())
	}
	if o.lenient || !o.strict {
		opts = append(opts, tempnumbertest.WithoutLimits(), tempnumbertest.WithPendingCap(0),
			tempnumbertest.WithDeliveryRule(tempnumbertest.DeliveryRule{}))
	}
	switch {
	case o.large && o.catalogue != "":
		return nil, usage("--large is a catalogue of its own; leave out --catalogue or --large")
	case o.large:
		opts = append(opts, tempnumbertest.WithLargeCatalogue())
	case o.catalogue != "":
		catalogue, err := readCatalogue(o.catalogue)
		if err != nil {
			return nil, err
		}
		opts = append(opts, tempnumbertest.WithCatalogue(catalogue))
	}
	if o.autoSMS != "" {
		opts = append(opts, tempnumbertest.WithAutoDeliver(delay, o.text))
	}
	return tempnumbertest.NewServer(append(opts, tempnumbertest.WithDelay(latency))...), nil
}

// shutdownTime is how long requests that are still open have at the end.
const shutdownTime = 500 * time.Millisecond

// serve runs the service until ctx ends.
func (p *program) serve(ctx context.Context, o *mockOptions, server http.Handler) error {
	listener, err := o.listen(ctx)
	if err != nil {
		return err
	}
	url := "http://" + reachable(listener.Addr().String())
	if !p.console.quiet {
		server = p.logRequests(server)
	}
	web := webServer(server)
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(listener) }()
	if _, err := fmt.Fprintln(p.env.Stdout, url); err != nil {
		return err
	}
	key := o.key
	if key != tempnumbertest.DefaultKey {
		key = "'the key of --key'" // perhaps a real one
	}
	p.console.note("ready; see it at %s, or in another shell:\n  export TEMPNUMBER_BASE_URL=%s TEMPNUMBER_API_KEY=%s", url, url, key)
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if err := web.Shutdown(end); err != nil {
		return web.Close()
	}
	return nil
}

// webServer returns the HTTP server of mock. Nobody holds a connection for long without
// saying anything.
func webServer(handler http.Handler) *http.Server {
	return &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
}

// reachable returns an address at which programs on this machine reach a listener.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return addr
}

// listen opens the address, on this machine alone unless more is asked for.
func (o *mockOptions) listen(ctx context.Context) (net.Listener, error) {
	host, _, err := net.SplitHostPort(o.addr)
	if err != nil {
		return nil, usage("--addr %q is not an address; write it like 127.0.0.1:8025", o.addr)
	}
	if ip := net.ParseIP(host); !o.anywhere && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, usage("--addr %s can be reached by other machines, and control needs no key; say --listen-anywhere if you want that", o.addr)
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", o.addr)
	if err != nil {
		return nil, fmt.Errorf("--addr: %w", err)
	}
	return listener, nil
}

// logRequests writes a line per request: no key, no query, no body.
func (p *program) logRequests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		recorder := &statusRecorder{ResponseWriter: w}
		defer func() {
			status := fmt.Sprint(recorder.status)
			if recorder.status == 0 {
				status = "cut"
			}
			if rule := w.Header().Get("X-Refused-By"); rule != "" {
				status += " (" + rule + ")"
			}
			p.console.note("%s %s %s %s %v", start.Format("15:04:05.000"), r.Method, visible(r.URL.Path), status, time.Since(start).Round(10*time.Microsecond))
		}()
		next.ServeHTTP(recorder, r)
	})
}

// statusRecorder remembers the status of an answer.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (r *statusRecorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *statusRecorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
