package ledger

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// holder is a process as its lock names it: a line each of process number, host
// and command.
type holder struct {
	pid           int
	host, command string
}

// maxHolder bounds what is read and written of a holder, in bytes.
const maxHolder = 2048

func self() holder {
	host, err := os.Hostname()
	if err != nil {
		host = "this host"
	}
	args := make([]string, len(os.Args))
	for i, arg := range os.Args {
		if args[i] = arg; arg == "" || strings.ContainsAny(arg, " \"'") {
			args[i] = strconv.Quote(arg)
		}
	}
	return holder{os.Getpid(), host, strings.Join(args, " ")}
}

// String is for people.
func (h holder) String() string {
	if h.pid == 0 {
		return "a process that has not yet said which"
	}
	return fmt.Sprintf("process %d on %s: %s", h.pid, h.host, h.command)
}

func (h holder) text() string {
	text := fmt.Sprintf("%d\n%s\n%s\n", h.pid, printable(h.host), printable(h.command))
	return runesWithin(text, maxHolder)
}

// parseHolder reads what text writes; of anything else, the holder is unknown.
func parseHolder(text string) holder {
	lines := strings.SplitN(text, "\n", 4)
	pid, err := strconv.Atoi(lines[0])
	if err != nil || pid < 1 || len(lines) < 3 {
		return holder{}
	}
	return holder{pid, printable(lines[1]), printable(lines[2])}
}

// printable is text on one line, harmless to a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !strconv.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, text)
}
