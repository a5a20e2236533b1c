{{- define "smsmux.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "smsmux.fullname" -}}
{{- $name := include "smsmux.name" . -}}
{{- $full := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) -}}
{{- default $full .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "smsmux.selector" -}}
app.kubernetes.io/name: {{ include "smsmux.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: server
{{- end -}}

{{- define "smsmux.labels" -}}
{{ include "smsmux.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "smsmux.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ default $.Chart.AppVersion .tag }}{{ end }}
{{- end -}}
{{- end -}}

{{/* The security of every container: that of the restricted Pod Security Standard. */}}
{{- define "smsmux.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* Combinations that cannot work. */}}
{{- define "smsmux.check" -}}
{{- if and (eq .Values.store.kind "file") (or (gt (int .Values.replicas) 1) .Values.autoscaling.enabled) -}}
{{- fail "store.kind: file has one replica; several need store.kind: postgres" -}}
{{- end -}}
{{- if and (eq .Values.store.kind "postgres") (not .Values.store.postgres.secret) -}}
{{- fail "store.kind: postgres needs store.postgres.secret, the name of a Secret" -}}
{{- end -}}
{{- if and .Values.tls.clientCaSecret (not .Values.tls.secret) -}}
{{- fail "tls.clientCaSecret needs tls.secret" -}}
{{- end -}}
{{- if and .Values.webhooks.enabled (eq .Values.store.kind "none") -}}
{{- fail "webhooks.enabled needs a store: a push is answered when it is stored" -}}
{{- end -}}
{{- end -}}

{{/* The container's environment: what follows from other values, then the user's own. */}}
{{- define "smsmux.env" -}}
{{- $postgres := .Values.store.postgres -}}
{{- range $name, $value := include "smsmux.settings" . | fromYaml }}
- name: SMSMUX_{{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- if eq .Values.store.kind "postgres" }}
{{- $keys := dict "POSTGRES" $postgres.connectionKey "HASH_KEY" $postgres.hashKey "SEAL_KEY" $postgres.sealKey }}
{{- range $name, $key := $keys }}
{{- if $key }}
- name: SMSMUX_STORE_{{ $name }}
  valueFrom:
    secretKeyRef:
      name: {{ $postgres.secret }}
      key: {{ $key }}
{{- end }}
{{- end }}
{{- end }}
{{- with .Values.env }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The settings of smsmux that follow from values. They override the file. */}}
{{- define "smsmux.settings" -}}
SERVER_LISTEN: 0.0.0.0:50051
SERVER_HEALTH_LISTEN: 0.0.0.0:50052
METRICS_LISTEN: 0.0.0.0:9464
LOG_FORMAT: json
SERVER_DRAIN_DELAY: {{ .Values.drain.delaySeconds }}s
SERVER_DRAIN_TIMEOUT: {{ .Values.drain.timeoutSeconds }}s
{{- if eq .Values.store.kind "file" }}
STORE_PATH: /var/lib/smsmux/smsmux.db
{{- else if eq .Values.store.kind "none" }}
STORE_ENABLED: "false"
{{- end }}
{{- if .Values.webhooks.enabled }}
WEBHOOKS_LISTEN: 0.0.0.0:50053
{{- with .Values.webhooks.publicUrl }}
WEBHOOKS_PUBLIC_URL: {{ . }}
{{- end }}
{{- end }}
{{- if .Values.tls.secret }}
SERVER_TLS_CERTIFICATE: /etc/smsmux/tls/tls.crt
SERVER_TLS_KEY: /etc/smsmux/tls/tls.key
{{- end }}
{{- if .Values.tls.clientCaSecret }}
SERVER_TLS_CLIENT_CA: /etc/smsmux/client-ca/ca.crt
{{- end }}
{{- end -}}

{{/* The volumes by name: where each is mounted, and what it is. */}}
{{- define "smsmux.volumes" -}}
config:
  path: /etc/smsmux/config
  source: { configMap: { name: {{ include "smsmux.fullname" . }} } }
{{- range $index, $name := .Values.secrets }}
secret-{{ $index }}:
  path: /etc/smsmux/secrets/{{ $name }}
  source: { secret: { secretName: {{ $name }}, defaultMode: 0440 } }
{{- end }}
{{- with .Values.tls.secret }}
tls:
  path: /etc/smsmux/tls
  source: { secret: { secretName: {{ . }}, defaultMode: 0440 } }
{{- end }}
{{- with .Values.tls.clientCaSecret }}
client-ca:
  path: /etc/smsmux/client-ca
  source: { secret: { secretName: {{ . }}, items: [{ key: ca.crt, path: ca.crt }] } }
{{- end }}
{{- end -}}
