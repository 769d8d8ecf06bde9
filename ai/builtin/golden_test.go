package builtin

// golden has the FNV-64a of the bits of vectors of the current version.
var golden = map[string]string{
	"I was charged twice for my subscription, please refund one of them": "3dce30b05d41daed",
	"the aplication crahses on startup":                                  "4c62cb79d750b06c",
	"refund refund refund":                                               "a60c54243979690a",
	"Rechnung wurde doppelt abgebucht":                                   "aee92f98520f692f",
	"アプリが起動しない":                                                          "0557c7ef7c83529f",
	"👍":                                                                  "2574dce29fc1b4d1",
	"":                                                                   "6ab05ef9aa8b9b25",
}
