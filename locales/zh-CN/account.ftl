# Mails about accounts and organisations: mail-<kind>-subject, -heading, -what, -next, -link.

mail-product = 魔方

mail-verify_address-subject = 请确认您的邮箱
mail-verify_address-heading = 请确认您的邮箱
mail-verify_address-what = 有人（应该是您本人）用邮箱 { $to } 在{ $venue }注册了账号。
mail-verify_address-next = 请在 24 小时内打开链接，账号即可使用。如果不是您本人注册，请不必理会，账号不会生成。
mail-verify_address-link = 确认邮箱

mail-address_known-subject = 您已有账号
mail-address_known-heading = 您已有账号
mail-address_known-what = 有人（应该是您本人）用邮箱 { $to } 在{ $venue }注册，而这个邮箱已属于您的账号。
mail-address_known-next = 请照常登录；如果忘记密码，可在登录页面重设。如果不是您本人操作，请不必理会，您的账号没有变化。
mail-address_known-link = 去登录

mail-reset_password-subject = 重设密码
mail-reset_password-heading = 请重设密码
mail-reset_password-what = 有人（应该是您本人）为账号 { $to } 申请重设密码。
mail-reset_password-next = 请在 1 小时内打开链接并设定新密码，届时该账号的所有登录都会退出。如果不是您本人申请，请不必理会，密码不会改变。
mail-reset_password-link = 重设密码

mail-password_changed-subject = 您的密码已更改
mail-password_changed-heading = 您的密码已更改
mail-password_changed-what = 账号 { $to } 的密码已更改，此前的所有登录均已退出。
mail-password_changed-next = 如果不是您本人操作，请立即在登录页面重设密码，并告知前台。
mail-password_changed-link = 查看账号

mail-confirm_address-subject = 请确认您的新邮箱
mail-confirm_address-heading = 请确认您的新邮箱
mail-confirm_address-what = { $venue }的一个账号将改用邮箱 { $to }。
mail-confirm_address-next = 请在 24 小时内打开链接，之后请用此邮箱登录，邮件也会发到这里。如果不是您本人申请，请不必理会。
mail-confirm_address-link = 确认新邮箱

mail-address_change_asked-subject = 您的账号将更换邮箱
mail-address_change_asked-heading = 有人申请更换您账号的邮箱
mail-address_change_asked-what = 有人登录您的账号并输入了正确的密码，申请将邮箱更换为 { $address }。
mail-address_change_asked-next = 新邮箱确认后即会生效。如果不是您本人操作，请立即更改密码，更换也会随之停止。
mail-address_change_asked-link = 查看账号

mail-address_changed-subject = 您的账号已更换邮箱
mail-address_changed-heading = 您的账号已更换邮箱
mail-address_changed-what = 今后请用 { $address } 登录，邮件也会发到该邮箱。
mail-address_changed-next = 如果不是您本人操作，请立即告知前台。
mail-address_changed-link = 查看账号

mail-second_factor_on-subject = 登录时需要验证码
mail-second_factor_on-heading = 登录时需要验证码
mail-second_factor_on-what = 账号 { $to } 已开启两步验证，其他登录均已退出。
mail-second_factor_on-next = 请妥善保存恢复码。如果不是您本人操作，请重设密码，并告知前台。
mail-second_factor_on-link = 查看账号

mail-second_factor_off-subject = 登录时不再需要验证码
mail-second_factor_off-heading = 登录时不再需要验证码
mail-second_factor_off-what = 账号 { $to } 已关闭两步验证。
mail-second_factor_off-next = 如果不是您本人操作，请立即重设密码，并告知前台。
mail-second_factor_off-link = 查看账号

mail-recovery_code_used-subject = 恢复码已被使用
mail-recovery_code_used-heading = 恢复码已被使用
mail-recovery_code_used-what = 有人（应该是您本人）使用了账号 { $to } 的一个恢复码，还剩 { $left } 个。
mail-recovery_code_used-next = 每个恢复码只能使用一次，您可以在账号中重新生成。如果不是您本人操作，请立即更改密码。
mail-recovery_code_used-link = 查看账号

mail-codes_guessed-subject = 您的密码可能已泄露
mail-codes_guessed-heading = 您的密码可能已泄露
mail-codes_guessed-what = 有人多次输入账号 { $to } 的正确密码和错误的验证码，均未能登录。
mail-codes_guessed-next = 如果不是您本人操作，请立即更改密码。一段时间内验证码的尝试会受限，恢复码不受影响。
mail-codes_guessed-link = 查看账号

mail-organisation_to_verify-subject = 待核验：{ $organisation }
mail-organisation_to_verify-heading = 有单位等待核验
mail-organisation_to_verify-what = { $by }注册了{ $organisation }。核验之前不能以该单位名义预约。
mail-organisation_to_verify-next = 请核对其证照，然后核验通过或说明原因予以退回。
mail-organisation_to_verify-link = 查看并核验

mail-organisation_verified-subject = { $organisation }已通过核验
mail-organisation_verified-heading = 您的单位已通过核验
mail-organisation_verified-what = { $organisation }已通过{ $venue }的核验，负责人和预约人现在可以以该单位名义预约。
mail-organisation_verified-next = 作为负责人，您可以邀请同事加入，并设定各人的权限。
mail-organisation_verified-link = 查看单位

mail-organisation_refused-subject = { $organisation }未通过核验
mail-organisation_refused-heading = 您的单位未通过核验
mail-organisation_refused-what = 很抱歉，{ $venue }的工作人员未能核验{ $organisation }，目前不能以该单位名义新建预约。
mail-organisation_refused-next = 您可以更正单位资料，更正后会重新核验。如有疑问，请咨询前台。
mail-organisation_refused-link = 查看单位

mail-member_invited-subject = { $by }邀请您加入{ $organisation }
mail-member_invited-heading = 邀请您加入{ $organisation }
mail-member_invited-what = { $by }邀请 { $to } 在{ $venue }加入{ $organisation }，身份为{ $role }。
mail-member_invited-next = 请在 7 天内用此邮箱登录并打开链接；如果还没有账号，请先用此邮箱注册。如果您不认识对方，请不必理会。
mail-member_invited-link = 接受邀请

mail-membership_ended-subject = 您已不再是{ $organisation }的成员
mail-membership_ended-heading = 您已不再是{ $organisation }的成员
mail-membership_ended-what = 您在{ $organisation }的成员身份已结束，该单位的预约仍归单位所有。
mail-membership_ended-next = 您的个人账号不受影响。如有误，请联系单位负责人。
mail-membership_ended-link = 查看账号

mail-ownership_received-subject = 您已成为{ $organisation }的负责人
mail-ownership_received-heading = 您已成为{ $organisation }的负责人
mail-ownership_received-what = { $by }将您设为{ $organisation }的负责人，您可以邀请成员并设定各人的权限。
mail-ownership_received-next = 单位始终需要一位负责人，您也可以移交给其他成员。
mail-ownership_received-link = 查看单位

mail-test_mail-subject = 测试邮件
mail-test_mail-heading = 邮件可以送达
mail-test_mail-what = { $by } 从{ $venue }向 { $to } 发送了这封测试邮件。
mail-test_mail-next = 无需任何操作。如果它出现在垃圾邮件中，请联系邮件服务器管理员检查发件设置（SPF、DKIM、DMARC）。
mail-test_mail-link = 打开预约系统

mail-account_deleted-subject = 您的账号已注销
mail-account_deleted-heading = 您的账号已注销
mail-account_deleted-what = 按您的要求，账号 { $to } 及其个人信息已删除；预约仅以不含姓名的统计数字保留。
mail-account_deleted-next = 感谢您的使用，您可以随时重新注册。如果不是您本人操作，请立即告知前台。
mail-account_deleted-link = 打开预约系统

member-role-owner = 负责人
member-role-booker = 预约人
member-role-viewer = 查看人
