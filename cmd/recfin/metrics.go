package main

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"recfin/finalize"
	"recfin/internal/metrics"
)

// pushPatience is how long a Pushgateway is waited for.
const pushPatience = 5 * time.Second

// metricsFlags say where metrics go. The address of a Pushgateway may hold
// credentials, so its value from the environment stays out of the help (DefaultText).
func metricsFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: flagMetrics, Usage: "write Prometheus metrics of this run to `FILE` when it ends (for the textfile collector: NAME.prom; {command} and {shard} in it stand for theirs)", EnvVars: env(flagMetrics)},
		&cli.StringFlag{Name: flagPush, Usage: "push them to the Pushgateway at `URL` too", EnvVars: env(flagPush), DefaultText: "none"},
		&cli.StringSliceFlag{Name: flagLabel, Usage: "a label for all of them, as `NAME=VALUE`: tells jobs apart that have other stores (repeatable)", EnvVars: env(flagLabel)},
	}
}

// metricsWatcher writes and pushes the metrics of a command.
type metricsWatcher struct {
	*metrics.Metrics
	log      *logger
	file     string           // empty: none
	gateway  *metrics.Gateway // nil: none
	patience time.Duration
}

// newMetrics reads the flags; nil: no metrics are wanted. What is wrong with the
// address of the Pushgateway is said without it.
func newMetrics(c *cli.Context, log *logger) (*metricsWatcher, error) {
	w := &metricsWatcher{log: log, file: c.String(flagMetrics), patience: pushPatience}
	labels, err := metricsLabels(values(c, flagLabel))
	if err != nil {
		return nil, err
	}
	if raw := c.String(flagPush); raw != "" {
		if w.gateway, err = metrics.ParseGateway(raw); err != nil {
			return nil, usagef("--%s: %v", flagPush, err)
		}
	}
	limit := c.Duration(flagMaxTime)
	if budget := c.Duration(flagBudget); budget > 0 { // of recover, which has to end within it
		limit, w.patience = budget, min(pushPatience, budgetReserve(budget)/4)
	}
	if w.Metrics, err = metrics.New(metrics.Options{Command: c.Command.Name, Labels: labels, Limit: limit}); err != nil {
		return nil, usagef("--%s: %v", flagLabel, err)
	}
	if w.file == "" && w.gateway == nil {
		return nil, nil
	}
	return w, nil
}

func metricsLabels(all []string) (map[string]string, error) {
	labels := map[string]string{}
	for _, l := range all {
		name, value, ok := strings.Cut(l, "=")
		if _, twice := labels[name]; !ok || twice {
			return nil, usagef("--%s %s: want NAME=VALUE, each name once", flagLabel, echo(l))
		}
		labels[name] = value
	}
	return labels, nil
}

// begin has the metrics written when the exit code is known, also of a run that
// cannot begin. Where it is not known which share of the recordings was meant, none
// are: they would stand beside those of the shares, for ever. {command} and {shard} in
// the name of the file let one setting do for all commands and shares of a host.
func (w *metricsWatcher) begin(c *cli.Context, shard finalize.Shard) {
	w.Share(shard)
	w.file = strings.NewReplacer("{command}", c.Command.Name, "{shard}", strconv.Itoa(shard.Index)).Replace(w.file)
	if shard.Count > 0 || c.String(flagShard) == "" {
		endingOf(c.Context).atExit(w.tell)
	}
}

func (w *metricsWatcher) event(e finalize.Event)                     { w.Event(e) }
func (w *metricsWatcher) report(r *finalize.Report, _ time.Duration) { w.Report(r) }
func (w *metricsWatcher) expect(n int)                               { w.Expect(n) }
func (w *metricsWatcher) closed(n int, cost finalize.Cost)           { w.Closed(n, cost) }
func (w *metricsWatcher) left(string)                                { w.Ended() }

// end leaves all to tell: a command that is cut off by a signal, or by its budget,
// does not come to its end.
func (w *metricsWatcher) end(int) {}

// tell writes and pushes. What fails is a warning.
func (w *metricsWatcher) tell(code int) {
	w.End(code)
	if w.file != "" {
		if err := w.WriteFile(w.file); err != nil {
			w.log.warn("metrics were not written", keyError, err.Error())
		}
	}
	if w.gateway != nil {
		ctx, cancel := context.WithTimeout(context.Background(), w.patience)
		defer cancel()
		if err := w.Push(ctx, w.gateway); err != nil {
			w.log.warn("metrics were not pushed", "to", w.gateway.String(), keyError, err.Error())
		}
	}
}
