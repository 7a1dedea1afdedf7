package cloudstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gocloud.dev/gcerrors"

	"github.com/fleetscore/fleetscore/store"
)

// explain says why a store cannot be used, and what to do.
func explain(ctx context.Context, shown string, err error) error {
	text := strings.ToLower(err.Error())
	var advice string
	switch {
	case ctx.Err() != nil:
		err = context.Cause(ctx)
		advice = "is the address right, and can it be reached from here?"
	case gcerrors.Code(err) == gcerrors.NotFound:
		advice = "is the name right? The store is not made by fleetscore"
	case gcerrors.Code(err) == gcerrors.PermissionDenied, strings.Contains(text, "statuscode: 403"), strings.Contains(text, "response 403"):
		advice = "these credentials may not use it"
	case strings.Contains(text, "credential") || strings.Contains(text, "account name") || strings.Contains(text, "azure_storage_account") ||
		strings.Contains(text, "region"):
		advice = "give credentials in the environment or a profile; see docs/storage.md"
	case strings.Contains(text, "no such host") || strings.Contains(text, "connection refused"):
		advice = "is the address right, and can it be reached from here?"
	}
	if advice == "" {
		return fmt.Errorf("%s: %w", shown, oneLine{err})
	}
	return fmt.Errorf("%s: %s: %w", shown, advice, oneLine{err})
}

// oneLine is an error without the line breaks that some clients have in theirs.
type oneLine struct{ error }

// longest is how many bytes of a client's error are shown.
const longest = 500

func (e oneLine) Error() string {
	text := strings.Join(strings.Fields(strings.ReplaceAll(e.error.Error(), "--------", "")), " ")
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return text
}

func (e oneLine) Unwrap() error { return e.error }

// wrapError says that doing something to the object key failed with err, in the
// words of the contract.
func wrapError(ctx context.Context, doing, key string, err error) error {
	sentinel := error(nil)
	switch code := gcerrors.Code(err); {
	case code == gcerrors.NotFound:
		sentinel = store.ErrNotFound
	case code == gcerrors.FailedPrecondition:
		sentinel = store.ErrExists
	case slices.ContainsFunc(folderFaults, func(fault string) bool { return strings.Contains(err.Error(), fault) }):
		return fmt.Errorf("%s %.1024s: %w: it is a folder of other objects, or one of its folders is an object", doing, key, store.ErrInvalidKey)
	}
	switch {
	case ctx.Err() != nil && !errors.Is(err, ctx.Err()):
		return fmt.Errorf("%s %.1024s: %w", doing, key, cmp.Or(context.Cause(ctx), ctx.Err()))
	case sentinel != nil:
		return fmt.Errorf("%s %.1024s: %w", doing, key, sentinel)
	}
	return fmt.Errorf("%s %.1024s: %w", doing, key, oneLine{err})
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
