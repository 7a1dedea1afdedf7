package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Secret is the key by which a receiver knows that a message is ours.
type Secret []byte

// The length of a key, in bytes, as Standard Webhooks has it.
const (
	leastSecret = 24
	mostSecret  = 64
)

// ParseSecret reads a key: base64, with or without "whsec_" before it.
func ParseSecret(text string) (Secret, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(strings.TrimSpace(text), "whsec_"))
	if err != nil {
		return nil, errors.New("the secret is not base64, with or without whsec_ before it; `openssl rand -base64 32` makes one")
	}
	if len(key) < leastSecret || len(key) > mostSecret {
		return nil, errors.New("the secret must be base64 of 24 to 64 bytes; `openssl rand -base64 32` makes one")
	}
	return key, nil
}

// sign sets the headers of Standard Webhooks: the signature is the HMAC-SHA256 of ID,
// time and body, with dots between them.
func (s Secret) sign(h http.Header, id string, at time.Time, body []byte) {
	stamp := strconv.FormatInt(at.Unix(), 10)
	h.Set("Webhook-Id", id)
	h.Set("Webhook-Timestamp", stamp)
	if len(s) == 0 {
		return
	}
	mac := hmac.New(sha256.New, s)
	mac.Write([]byte(id + "." + stamp + "."))
	mac.Write(body)
	h.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}
