# Installs the Vedette sentinel on Windows, for this user alone and without administrator rights: fetches the archive from
# the server, over the pin of the server's own key, checks its SHA-256, unpacks it, enrols and has it started at logon.
# Windows 10 and Server 2019 or newer bring curl.exe and tar.exe. Again, without -Code: a newer version.
param(
  [Parameter(Mandatory)] [string] $Server,
  [Parameter(Mandatory)] [string] $LeafPin,
  [string] $Pin,
  [string] $Code,
  [string] $Name = $env:COMPUTERNAME,
  [switch] $NoService
)
$ErrorActionPreference = 'Stop'

$Server = $Server.TrimEnd('/')
$app = Join-Path $env:LOCALAPPDATA 'Programs\vedette-sentinel'
$temp = Join-Path $env:TEMP ('vedette-' + [guid]::NewGuid())

# The server's authority is not known to curl, hence --insecure. It compares the key with the pin even so.
function Get-Installed([string] $file) {
  curl.exe -fsSk --pinnedpubkey "sha256//$LeafPin" -o "$temp\$file" "$Server/install/$file"
  if ($LASTEXITCODE -ne 0) { throw "$Server/install/$file can't be fetched" }
}

function Invoke-Sentinel {
  & "$app\bin\vedette-sentinel.cmd" @args
  if ($LASTEXITCODE -ne 0) { throw "vedette-sentinel $($args[0]) failed: `"$app\bin\vedette-sentinel.cmd`" $($args[0]) --help says how it is used" }
}

# What runs is stopped; what fails is taken back, so that there is a program at any time but between two renames.
function Switch-Program {
  $task = 'Vedette sentinel'
  Stop-ScheduledTask $task -ErrorAction SilentlyContinue
  try {
    for ($try = 1; Test-Path $app; $try++) {
      # What was stopped may hold its files for a moment.
      try { [IO.Directory]::Move($app, "$app.old") } catch { if ($try -ge 10) { throw }; Start-Sleep 1 }
    }
    try { [IO.Directory]::Move("$app.new", $app) } catch { if (Test-Path "$app.old") { [IO.Directory]::Move("$app.old", $app) }; throw }
  } catch {
    Start-ScheduledTask $task -ErrorAction SilentlyContinue
    throw "$app can't be replaced, nothing was changed: end what uses it, and try again ($_)"
  }
  if (Test-Path "$app.old") { Remove-Item "$app.old" -Recurse -Force -ErrorAction SilentlyContinue }
}

New-Item -ItemType Directory $temp | Out-Null
try {
  Get-Installed 'SHA256SUMS'
  $sum, $archive = (Select-String -Path "$temp\SHA256SUMS" -Pattern '-win-x64\.zip$').Line -split '\s+'
  if (-not $archive) { throw 'the server has no archive for win-x64: its operator makes one with "npm run package"' }
  Get-Installed $archive
  if ((Get-FileHash "$temp\$archive" -Algorithm SHA256).Hash -ne $sum) { throw "$archive is damaged: try again" }

  # Unpacks beside what is there, which stays until the new one takes its place.
  if ((Test-Path "$app.old") -and -not (Test-Path $app)) { [IO.Directory]::Move("$app.old", $app) } # an earlier try was broken off
  foreach ($left in "$app.new", "$app.old") { if (Test-Path $left) { Remove-Item $left -Recurse -Force } }
  New-Item -ItemType Directory "$app.new" -Force | Out-Null
  tar.exe -xf "$temp\$archive" -C "$app.new" --strip-components=1
  if ($LASTEXITCODE -ne 0) { throw "$archive can't be unpacked" }
  if (Test-Path "$app\installed") { Copy-Item "$app\installed" "$app.new\installed" }
  else { Set-Content "$app.new\installed" '' -NoNewline }
  Switch-Program

  if ($Code) {
    Set-Content "$temp\code" $Code
    Invoke-Sentinel enrol --server $Server --pin $Pin --code-file "$temp\code" --name $Name
  }
  if (-not $NoService) { Invoke-Sentinel service install --restart }
  "Installed. `"$app\bin\vedette-sentinel.cmd`" status says how it is, uninstall takes it away."
} finally {
  Remove-Item $temp -Recurse -Force
}
