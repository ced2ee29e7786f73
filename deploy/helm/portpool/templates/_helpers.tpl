{{/* The name of everything in a release: "portpool", or "RELEASE-portpool" where the release is called otherwise. */}}
{{- define "portpool.name" -}}
{{- if contains "portpool" .Release.Name }}{{ .Release.Name | trunc 63 | trimSuffix "-" }}{{ else }}{{ printf "%s-portpool" .Release.Name | trunc 63 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "portpool.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "portpool.name" .) }}{{ else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{/* What pods are selected by: never changed by an upgrade. */}}
{{- define "portpool.selectorLabels" -}}
app.kubernetes.io/name: portpool
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "portpool.labels" -}}
{{ include "portpool.selectorLabels" . }}
app.kubernetes.io/component: exporter
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* A probe asks for a path, and with a web configuration only connects: it has no certificate and no password. */}}
{{- define "portpool.probe" -}}
{{- if .values.webConfigSecret -}}
tcpSocket:
  port: metrics
{{- else -}}
httpGet:
  path: {{ .path }}
  port: metrics
{{- end }}
{{- end }}
