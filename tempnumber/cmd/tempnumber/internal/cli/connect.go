package cli

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tempnumber/tempnumber-go/tempnumber"
	"github.com/tempnumber/tempnumber-go/tempnumber/tempnumbertest"
)

// retries is how the tool repeats requests. Somebody may wait at a terminal for the
// news that there is no network; refusals for the rate limit, which may be used up
// by another process, are waited out for ten minutes in all.
func retries() tempnumber.RetryPolicy {
	return tempnumber.RetryPolicy{MaxAttempts: 8, MinDelay: 250 * time.Millisecond, MaxDelay: 2 * time.Second}
}

// mockSMSDelay is how long the SMS of the built-in service is on its way.
const mockSMSDelay = time.Second

// connect makes the client of the service. Options come on top of the tool's own.
func (p *program) connect(more ...tempnumber.Option) error {
	opts := []tempnumber.Option{
		tempnumber.WithUserAgent("tempnumber-cli/" + tempnumber.Version),
		tempnumber.WithRetry(retries()),
		tempnumber.WithObserver(&p.watch),
	}
	p.watch.console = p.console
	if p.settings.debug {
		opts = append(opts, tempnumber.WithLogger(p.logger()))
	}
	shared, wanted, err := p.sharing()
	if err != nil {
		return err
	}
	var key string
	if p.settings.mock {
		server := tempnumbertest.NewServer()
		server.AutoDeliver(mockSMSDelay, mockText)
		key = tempnumbertest.DefaultKey
		opts = append(opts, tempnumber.WithBaseURL("https://mock.invalid"),
			tempnumber.WithHTTPClient(&http.Client{Transport: server.Transport()}))
	} else {
		if key, err = p.key(); err != nil {
			return err
		}
		opts = append(opts, tempnumber.WithHTTPClient(&http.Client{Transport: p.watch.dialing()}))
		journalled, err := p.openJournal(key)
		if err != nil {
			return err
		}
		opts = append(opts, journalled...)
		if p.settings.plain {
			opts = append(opts, tempnumber.WithPlainHTTP())
		}
		if p.settings.baseURL != "" {
			opts = append(opts, tempnumber.WithBaseURL(p.settings.baseURL))
		}
	}
	newClient := p.env.NewClient
	if newClient == nil {
		newClient = tempnumber.New
	}
	p.apiKey = strings.TrimSpace(key)
	opts = append(opts, more...)
	if shared != nil {
		p.client, err = newClient(key, append(opts, tempnumber.WithSharing(shared))...)
		if err == nil || wanted || !errors.Is(err, tempnumber.ErrSharing) {
			return err
		}
		p.alone(err)
	}
	p.client, err = newClient(key, opts...)
	return err
}

// connected connects, and returns a context that ends by --timeout.
func (p *program) connected(cmd *cobra.Command, more ...tempnumber.Option) (context.Context, context.CancelFunc, error) {
	if err := p.connect(more...); err != nil {
		return nil, nil, err
	}
	if p.settings.timeout == 0 {
		return cmd.Context(), func() {}, nil
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), p.settings.timeout)
	return ctx, cancel, nil
}

// logger writes what the client does, for --debug.
func (p *program) logger() *slog.Logger {
	options := &slog.HandlerOptions{Level: slog.LevelDebug}
	if p.settings.format.machine() {
		return slog.New(slog.NewJSONHandler(p.console, options))
	}
	return slog.New(slog.NewTextHandler(p.console, options))
}
