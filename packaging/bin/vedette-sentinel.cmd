@setlocal
@set NODE_EXTRA_CA_CERTS=
@"%~dp0..\runtime\node.exe" --max-semi-space-size=1 -- "%~dp0..\sentinel\cli.js" %*
