@echo off
rem Runs Tributary from its sources: builds on first use and again when sources are newer, then runs it.
rem   JAVA_HOME            the JDK (17 or later) to use; otherwise the java on the PATH
rem   TRIBUTARY_JAVA_OPTS  more options for the JVM, separated by spaces
rem   TRIBUTARY_CLASS_PATH jars with strategies of your own, separated by semicolons
setlocal EnableExtensions DisableDelayedExpansion
set "TRIBUTARY_HOME=%~dp0"
set "TRIBUTARY_HOME=%TRIBUTARY_HOME:~0,-1%"

rem --- the JDK (no blocks in parentheses here: a path may hold one)
set "JAVA=java.exe"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java.exe"
if defined JAVA_HOME goto has_home
where /q java.exe
if errorlevel 1 goto no_java
goto ask
:has_home
if not exist "%JAVA%" goto no_java
:ask
set "JAVA_VERSION="
set "FOUND_HOME="
set "FACTS=%TEMP%\tributary-%RANDOM%%RANDOM%.txt"
"%JAVA%" -XshowSettings:properties -version >"%FACTS%" 2>&1
for /f "usebackq tokens=1,2,*" %%a in ("%FACTS%") do (
  if "%%a"=="java.specification.version" set "JAVA_VERSION=%%c"
  if "%%a"=="java.home" set "FOUND_HOME=%%c"
)
del "%FACTS%" 2>nul
if not defined JAVA_VERSION set "JAVA_VERSION=0"
if "%JAVA_VERSION:~0,2%"=="1." set "JAVA_VERSION=8"
if %JAVA_VERSION% LSS 17 goto old_java

rem --- the distribution
set "JAR=%TRIBUTARY_HOME%\simulations\target\fast\tributary\tributary.jar"
set "STAMP=%TRIBUTARY_HOME%\simulations\target\fast\tributary\.built"
set "BUILD=%TRIBUTARY_HOME%\build"
powershell -NoProfile -NonInteractive -Command ^
  "Set-Location -LiteralPath $env:TRIBUTARY_HOME;" ^
  "if (-not ((Test-Path -LiteralPath $env:JAR) -and (Test-Path -LiteralPath $env:STAMP))) { exit 1 };" ^
  "$t = (Get-Item -Force -LiteralPath $env:STAMP).LastWriteTimeUtc;" ^
  "$n = Get-ChildItem -Recurse -Path pom.xml,.mvn,core-nn,privacy,secure-agg,client-sdk,coordinator,simulations |" ^
  "  Where-Object { $_.LastWriteTimeUtc -gt $t -and $_.FullName -notmatch '\\target(\\|$)|\\src\\test(\\|$)' -and ($_.Name -eq 'pom.xml' -or $_.FullName -match '\\src\\|\\\.mvn\\') } |" ^
  "  Select-Object -First 1;" ^
  "if ($n) { exit 1 }"
if not errorlevel 1 goto run

if not exist "%FOUND_HOME%\bin\javac.exe" goto no_compiler
if not exist "%BUILD%" mkdir "%BUILD%"
if exist "%STAMP%" (
  echo Building Tributary ^(sources have changed^) ...>&2
) else (
  echo Building Tributary ^(first use, so this may take a few minutes^) ...>&2
)
type nul >"%BUILD%\.started"
set "CALLER_JAVA_HOME=%JAVA_HOME%"
set "JAVA_HOME=%FOUND_HOME%"
pushd "%TRIBUTARY_HOME%"
call mvnw.cmd -B -ntp -Dfast -Dmaven.test.skip=true -pl simulations -am package >"%BUILD%\build.log" 2>&1
set "RESULT=%ERRORLEVEL%"
popd
set "JAVA_HOME=%CALLER_JAVA_HOME%"
if not "%RESULT%"=="0" goto broken
move /y "%BUILD%\.started" "%STAMP%" >nul

rem --- the JVM
:run
set "FLAGS="
if "%~1"=="simulate" set "FLAGS=--add-modules=jdk.incubator.vector"
if "%~1"=="bench" set "FLAGS=--add-modules=jdk.incubator.vector"
if %JAVA_VERSION% GEQ 24 set "FLAGS=--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow %FLAGS%"
if %JAVA_VERSION% LSS 24 set "FLAGS=-XX:+UnlockDiagnosticVMOptions -XX:ArrayOperationPartialInlineSize=0 %FLAGS%"
set "CLASSES=%JAR%"
if defined TRIBUTARY_CLASS_PATH set "CLASSES=%JAR%;%TRIBUTARY_CLASS_PATH%"
"%JAVA%" %TRIBUTARY_JAVA_OPTS% "-Dtributary.home=%TRIBUTARY_HOME%" %FLAGS% -cp "%CLASSES%" dev.tributary.simulation.Tributary %*
exit /b %ERRORLEVEL%

:no_java
echo tributary: no java found. Install a JDK 17 or later, or set JAVA_HOME to one.>&2
exit /b 69

:old_java
echo tributary: "%JAVA%" is version %JAVA_VERSION%. Set JAVA_HOME to a JDK 17 or later.>&2
exit /b 69

:no_compiler
echo tributary: "%FOUND_HOME%" is a runtime without a compiler. Set JAVA_HOME to a JDK 17 or later.>&2
exit /b 69

:broken
powershell -NoProfile -NonInteractive -Command "Get-Content -LiteralPath ($env:BUILD + '\build.log') -Tail 25" >&2
echo tributary: the build failed; the whole log is "%BUILD%\build.log">&2
exit /b 70
