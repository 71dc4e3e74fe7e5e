; The installer for one user: no administrator is asked for. Built by build/scripts/package.sh:
;   makensis -DTARGET=amd64-unicode -DVERSION=... -DNUMBERS=a.b.c.d -DSTAGE=... -DOUT=... installer.nsi
; TARGET is the installer's own processor; Windows on ARM runs x86-unicode.
; /S installs silently, /D=C:\a\folder (last, without quotes) elsewhere. The uninstaller takes /S too.
Target ${TARGET}
SetCompressor /SOLID lzma
!include MUI2.nsh
!include LogicLib.nsh
!include FileFunc.nsh

!define APP AMQ2API
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${APP}"
!define WEBVIEW "Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}"

Name "${APP}"
OutFile "${OUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\${APP}"
InstallDirRegKey HKCU "${UNINSTALL}" InstallLocation
ManifestDPIAware true
BrandingText "${APP} ${VERSION}"
VIProductVersion "${NUMBERS}"
VIAddVersionKey ProductName "${APP}"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${NUMBERS}"
VIAddVersionKey FileDescription "${APP} installer"
VIAddVersionKey LegalCopyright "The AMQ2API authors, MIT licence"

!define MUI_ICON "${STAGE}/icons.ico"
!define MUI_UNICON "${STAGE}/icons.ico"
!define MUI_FINISHPAGE_RUN "$INSTDIR\amq2api.exe"
!insertmacro MUI_PAGE_LICENSE "${STAGE}/LICENSE.txt"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE English
!insertmacro MUI_LANGUAGE SimpChinese

LangString Running ${LANG_ENGLISH} "AMQ2API is running. Quit it from its tray icon, then try again."
LangString Running ${LANG_SIMPCHINESE} "AMQ2API 正在运行。请从托盘图标退出，然后重试。"
LangString NoWebView ${LANG_ENGLISH} "Windows' WebView2 runtime is missing. AMQ2API's window needs it, and offers to fetch it from Microsoft when it first opens. The command line (amq2api-cli.exe) works without."
LangString NoWebView ${LANG_SIMPCHINESE} "缺少 Windows 的 WebView2 运行时。AMQ2API 的窗口需要它，首次打开时会提示从 Microsoft 获取。命令行程序（amq2api-cli.exe）不需要它。"
LangString Kept ${LANG_ENGLISH} "AMQ2API is removed. Your profile (accounts, keys, settings, statistics, backups) stays in$\n$\n$LOCALAPPDATA\AMQ2API$\n$\nand its secrets in the Windows Credential Manager. Remove the accounts in the dashboard before uninstalling if you want the secrets gone; the folder you can delete yourself."
LangString Kept ${LANG_SIMPCHINESE} "AMQ2API 已卸载。您的配置（账号、密钥、设置、统计和备份）仍保存在$\n$\n$LOCALAPPDATA\AMQ2API$\n$\n机密信息仍在 Windows 凭据管理器中。如需清除，请在卸载前先在控制台中删除账号；该文件夹可自行删除。"

; A program that runs cannot be replaced: its file does not open for writing.
!macro RefuseWhileRunning
  ${If} ${FileExists} "$INSTDIR\amq2api.exe"
    ClearErrors
    FileOpen $0 "$INSTDIR\amq2api.exe" a
    ${If} ${Errors}
      MessageBox MB_OK|MB_ICONEXCLAMATION "$(Running)" /SD IDOK
      SetErrorLevel 2
      Abort "$(Running)"
    ${EndIf}
    FileClose $0
  ${EndIf}
!macroend

Function .onInit
  !insertmacro MUI_LANGDLL_DISPLAY
FunctionEnd

Section
  !insertmacro RefuseWhileRunning
  SetOutPath "$INSTDIR"
  File "${STAGE}/amq2api.exe"
  File "${STAGE}/amq2api-cli.exe"
  File "${STAGE}/README.md"
  File "${STAGE}/LICENSE.txt"
  File "${STAGE}/third-party-licences.txt"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\${APP}.lnk" "$INSTDIR\amq2api.exe"

  WriteRegStr HKCU "${UNINSTALL}" DisplayName "${APP}"
  WriteRegStr HKCU "${UNINSTALL}" DisplayVersion "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" DisplayIcon "$INSTDIR\amq2api.exe"
  WriteRegStr HKCU "${UNINSTALL}" Publisher "The AMQ2API authors"
  WriteRegStr HKCU "${UNINSTALL}" InstallLocation "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" UninstallString '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" QuietUninstallString '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" NoModify 1
  WriteRegDWORD HKCU "${UNINSTALL}" NoRepair 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD HKCU "${UNINSTALL}" EstimatedSize $0

  ReadRegStr $0 HKLM "SOFTWARE\WOW6432Node\${WEBVIEW}" pv
  ${If} $0 == ""
    ReadRegStr $0 HKCU "Software\${WEBVIEW}" pv
  ${EndIf}
  ${If} $0 == ""
    MessageBox MB_OK|MB_ICONINFORMATION "$(NoWebView)" /SD IDOK
  ${EndIf}
SectionEnd

Section Uninstall
  !insertmacro RefuseWhileRunning
  Delete "$SMPROGRAMS\${APP}.lnk"
  Delete "$INSTDIR\amq2api.exe"
  Delete "$INSTDIR\amq2api-cli.exe"
  Delete "$INSTDIR\README.md"
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\third-party-licences.txt"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR" ; only if nothing else is in it
  DeleteRegKey HKCU "${UNINSTALL}"
  MessageBox MB_OK|MB_ICONINFORMATION "$(Kept)" /SD IDOK
SectionEnd
