package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
)

// options are the flags.
type options struct {
	rounds int
	only   *regexp.Regexp
	quick  bool
	folder string // of what is made
}

func main() {
	log.SetFlags(0)
	if len(os.Args) == 2 && os.Args[1] == "worker" {
		if err := serve(os.Stdin, os.Stdout); err != nil {
			log.Fatal(err)
		}
		return
	}
	var o options
	only := flag.String("run", "", "measure what this regular expression matches")
	flag.IntVar(&o.rounds, "rounds", 5, "rounds; medians are of these")
	flag.BoolVar(&o.quick, "quick", false, "small sizes and two rounds, to see that it works; writes no results")
	flag.StringVar(&o.folder, "folder", ".bench", "folder for environments, models and data")
	flag.Parse()
	var err error
	if o.only, err = regexp.Compile(*only); err != nil {
		log.Fatal(err)
	}
	if o.quick {
		o.rounds = 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		stop()
		log.Fatal(err) //nolint:gocritic // exitAfterDefer: stop has been called
	}
}

func run(ctx context.Context, o options) (err error) {
	if o.folder, err = filepath.Abs(o.folder); err != nil {
		return err
	}
	b := &bench{options: o, ctx: ctx}
	defer b.close()
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"environment", b.environment}, {"workers", b.start}, {"kernel", b.kernels}, {"models", b.fleet},
		{"single rows", b.single}, {"loading", b.loading}, {"job", b.job}, {"large", b.large},
	} {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		fmt.Fprintln(os.Stderr, "…", step.name)
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return b.report()
}
