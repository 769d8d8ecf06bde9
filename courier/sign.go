package courier

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"earshot/feedback"
)

// The headers of what is posted to a webhook.
const (
	HeaderTimestamp = "Earshot-Timestamp" // seconds since 1970 at which it was signed
	HeaderSignature = "Earshot-Signature" // as of Sign
	HeaderDelivery  = "Earshot-Delivery"  // the delivery's id: the same for every repeat
	HeaderEvent     = "Earshot-Event"     // pulse, alert or test
)

// Sign gives the signature of a body: "v1=" and the hexadecimal HMAC-SHA256, under the key, of the timestamp in decimal
// seconds, a full stop and the body.
func Sign(key string, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(strconv.FormatInt(at.Unix(), 10) + "."))
	mac.Write(body)
	return "v1=" + hex.EncodeToString(mac.Sum(nil))
}

// tolerance is how far the clocks of sender and receiver may be apart, and how long a request may be replayed.
const tolerance = 5 * time.Minute

// Verify checks what a receiver got: the signature, and that the timestamp is not more than five minutes from now. It is
// the example that docs/delivery.md shows, and fails with Invalid.
func Verify(key, timestamp, signature string, body []byte, now time.Time) error {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return feedback.Errorf(feedback.Invalid, "the timestamp cannot be read")
	}
	at := time.Unix(seconds, 0)
	if !hmac.Equal([]byte(signature), []byte(Sign(key, at, body))) {
		return feedback.Errorf(feedback.Invalid, "the signature does not fit the body")
	}
	if now.Sub(at).Abs() > tolerance {
		return feedback.Errorf(feedback.Invalid, "the request is %s old", now.Sub(at).Round(time.Second))
	}
	return nil
}
