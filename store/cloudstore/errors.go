package cloudstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"gocloud.dev/gcerrors"
	"google.golang.org/api/googleapi"

	"github.com/fleetscore/fleetscore/store"
)

// explain says why a store cannot be used, and what to do.
func (s *Store) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if notFound(err) {
		return fmt.Errorf("%s: there is no such %s, or these credentials may not see it; fleetscore makes none", s.url, s.noun())
	}
	return fmt.Errorf("%s: %w", s.url, advise(err))
}

// hide is err without the values of a URL's parameters, but for those that help and
// hold no secret: what is in others by mistake may be one, and clients repeat what
// they do not understand.
func hide(err error, query url.Values) error {
	text := err.Error()
	for name, values := range query {
		if slices.Contains(plain, name) {
			continue
		}
		for _, value := range values {
			if len(value) > len("false") {
				text = strings.NewReplacer(value, "…", url.QueryEscape(value), "…").Replace(text)
			}
		}
	}
	return hidden{err, text}
}

// plain are parameters whose values may be shown.
var plain = []string{"region", "endpoint", "domain", "protocol", "profile", "storage_account"}

// hidden is an error with another text.
type hidden struct {
	error
	text string
}

func (h hidden) Error() string { return h.text }

func (h hidden) Unwrap() error { return h.error }

const (
	adviseAddress = "is the address right, and can it be reached from here?"
	adviseRefused = "these credentials may not use it"
	adviseMissing = "give credentials in the environment or a profile; see docs/storage.md"
	adviseRegion  = "give its region in AWS_REGION, or as ?region= in the URL"
)

// advices are what to do about errors that have one of some words in them; the
// first counts.
var advices = []struct {
	advice string
	words  []string
}{
	{adviseMissing, []string{"get credentials", "default credentials", "defaultazurecredential", "no credentials", "no account name"}},
	{adviseRegion, []string{"invalid region", "missing region", "permanentredirect", "is wrong; expecting"}},
	{adviseRefused, []string{"statuscode: 403", "response 403", "expiredtoken", "invalid_grant"}},
	{adviseAddress, []string{"no such host", "connection refused", "i/o timeout", "no route to host", "network is unreachable", noAnswer}},
}

// advise puts what to do before err, if it is known, and err on one line.
func advise(err error) error {
	advice := ""
	if gcerrors.Code(err) == gcerrors.PermissionDenied || forbidden(err) {
		advice = adviseRefused
	}
	text := strings.ToLower(err.Error())
	for _, a := range advices {
		if slices.ContainsFunc(a.words, func(word string) bool { return strings.Contains(text, word) }) {
			advice = cmp.Or(advice, a.advice)
		}
	}
	if advice == "" {
		return oneLine{err}
	}
	return fmt.Errorf("%s: %w", advice, oneLine{err})
}

// oneLine is an error without the line breaks that some clients have in theirs,
// and without the queries of requests, in which credentials may be.
type oneLine struct{ error }

// longest is how many bytes of a client's error are shown.
const longest = 500

var requestQuery = regexp.MustCompile(`(https?://[^\s?"']*)\?[^\s"']*`)

func (e oneLine) Error() string {
	text := strings.Join(strings.Fields(strings.ReplaceAll(e.error.Error(), "--------", "")), " ")
	text = requestQuery.ReplaceAllString(text, "$1")
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return text
}

func (e oneLine) Unwrap() error { return e.error }

// notFound reports whether err is that something is not there. gocloud.dev takes
// more for that: Google's refusals, and hosts of Azure whose names are not resolved.
func notFound(err error) bool {
	var unresolved *net.DNSError
	return gcerrors.Code(err) == gcerrors.NotFound && !errors.As(err, &unresolved) && !forbidden(err)
}

func forbidden(err error) bool {
	var answer *googleapi.Error
	return errors.As(err, &answer) && answer.Code == http.StatusForbidden
}

// wrapError says that doing something to the object key failed with err, in the
// words of the contract.
func wrapError(ctx context.Context, doing, key string, err error) error {
	switch {
	case ctx.Err() != nil && !errors.Is(err, ctx.Err()):
		err = cmp.Or(context.Cause(ctx), ctx.Err())
	case notFound(err):
		err = store.ErrNotFound
	case gcerrors.Code(err) == gcerrors.FailedPrecondition:
		err = store.ErrExists
	case slices.ContainsFunc(folderFaults, func(fault string) bool { return strings.Contains(err.Error(), fault) }):
		err = fmt.Errorf("%w: it is a folder of other objects, or one of its folders is an object", store.ErrInvalidKey)
	default:
		err = advise(err)
	}
	return fmt.Errorf("%s %.1024s: %w", doing, key, err)
}

// folderFaults are what servers of the S3 protocol say that keep objects as files.
var folderFaults = []string{"ObjectParentIsFile", "ExistingObjectIsDirectory", "XMinioObjectExistsAsDirectory", "XMinioParentIsObject"}

// check says why a request for key cannot be made.
func check(ctx context.Context, doing, key string) error {
	if err := store.CheckKey(key); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s %s: %w", doing, key, err)
	}
	return nil
}
