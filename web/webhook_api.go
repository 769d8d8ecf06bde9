package web

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"earshot/ingest/importer"
)

// hookOperations describe the webhooks, which are answered without huma: a signature is over the body as it came.
func hookOperations(schemas huma.Registry) []*huma.Operation {
	answer := func(words string, of reflect.Type) *huma.Response {
		return &huma.Response{Description: words, Content: map[string]*huma.MediaType{"application/json": {Schema: schemas.Schema(of, true, "")}}}
	}
	text := &huma.Schema{Type: huma.TypeString}
	operation := func(id, path, summary, words string, names ...string) *huma.Operation {
		op := &huma.Operation{
			OperationID: id, Method: http.MethodPost, Path: path, Summary: summary, Description: words, MaxBodyBytes: MaxHook,
			RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{}}}},
			Responses: map[string]*huma.Response{
				"200": answer("It holds no customer's words", reflect.TypeFor[HookReceipt]()),
				"202": answer("All that it holds is on disk", reflect.TypeFor[HookReceipt]()),
				"400": answer("It cannot be read", reflect.TypeFor[Problem]()),
				"401": answer("It is not signed as it should be, too old, or was taken before", reflect.TypeFor[Problem]()),
				"404": answer("No secret is configured for it", reflect.TypeFor[Problem]()),
				"413": answer("Over the limit, which the message names", reflect.TypeFor[Problem]()),
				"429": answer("Too many that are not signed as they should be", reflect.TypeFor[Problem]()),
				"503": answer("The queue or the database is away: send it again", reflect.TypeFor[Problem]()),
			},
		}
		for _, name := range names {
			op.Parameters = append(op.Parameters, &huma.Param{Name: name, In: "path", Required: true, Schema: text})
		}
		return op
	}
	generic := operation("webhook", "/v1/webhooks/generic/{workspace}/{source}", "A webhook of your own",
		"One message, or an array of up to 1,000. "+signatureHeader+" is v1= and the hexadecimal HMAC-SHA256 of the seconds in "+timestampHeader+
			", a point, and the body.", "workspace", "source")
	vendor := operation("vendor-webhook", "/v1/webhooks/{vendor}/{workspace}", "The webhook of a vendor",
		"What Zendesk, Intercom or Slack sends, signed as the vendor signs.", "vendor", "workspace")
	vendor.Parameters[0].Schema = &huma.Schema{Type: huma.TypeString, Enum: []any{importer.Zendesk, importer.Intercom, importer.Slack}}
	return []*huma.Operation{vendor, generic}
}
